//! As much of JSON Schema as the document uses.

use std::collections::BTreeSet;

use serde_json::Value;

/// The document.
pub(super) struct Document(Value);

impl Document {
    pub(super) fn new(value: Value) -> Self {
        assert_eq!(value["openapi"], "3.1.0");
        Self(value)
    }

    pub(super) fn paths(&self) -> BTreeSet<String> {
        self.0["paths"].as_object().unwrap().keys().cloned().collect()
    }

    fn operation(&self, path: &str) -> &Value {
        &self.0["paths"][path]["post"]
    }

    /// The schema of an operation's question.
    pub(super) fn question(&self, path: &str) -> Value {
        self.operation(path)["requestBody"]["content"]["application/json"]["schema"].clone()
    }

    /// The schema of an operation's answer of this status.
    pub(super) fn answer(&self, path: &str, status: &str) -> Value {
        let answer = self.resolved(&self.operation(path)["responses"][status]);
        let schema = answer["content"]["application/json"]["schema"].clone();
        assert!(schema.is_object(), "{path} has no answer {status}");
        schema
    }

    /// The names of an operation's headers, in lower case.
    pub(super) fn headers(&self, path: &str) -> BTreeSet<String> {
        let parameters = self.operation(path)["parameters"].as_array().unwrap();
        let name = |parameter| self.resolved(parameter)["name"].as_str().unwrap().to_lowercase();
        parameters.iter().map(name).collect()
    }

    /// The values that a schema lists.
    pub(super) fn values(&self, schema: &str) -> BTreeSet<String> {
        let values = self.0["components"]["schemas"][schema]["enum"].as_array().unwrap();
        values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
    }

    /// Every property of every schema, as `Schema.property`.
    pub(super) fn properties(&self) -> BTreeSet<String> {
        let schemas = self.0["components"]["schemas"].as_object().unwrap();
        let of = |(name, schema): (&String, &Value)| {
            let properties = schema["properties"].as_object().cloned().unwrap_or_default();
            properties.keys().map(|property| format!("{name}.{property}")).collect::<Vec<_>>()
        };
        schemas.iter().flat_map(of).collect()
    }

    /// That `value` keeps to `schema`; adds the properties that were met.
    pub(super) fn hold(&self, schema: &Value, value: &Value, met: &mut BTreeSet<String>) {
        if let Err(why) = self.check(schema, value, met) {
            panic!("{value}: {why}");
        }
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(path) => self.0.pointer(path.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("no {path}")),
            None => value,
        }
    }

    fn check(&self, schema: &Value, value: &Value, met: &mut BTreeSet<String>) -> Result<(), String> {
        let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let schema = self.resolved(schema);
        if let Some(choices) = schema["oneOf"].as_array() {
            let mut fits = Vec::new();
            for choice in choices {
                let mut inner = BTreeSet::new();
                if self.check(choice, value, &mut inner).is_ok() {
                    fits.push(inner);
                }
            }
            let [fit] = &mut fits[..] else { return Err(format!("{} of oneOf fit", fits.len())) };
            met.append(fit);
            return Ok(());
        }
        if let Some(wanted) = schema.get("const") {
            return if wanted == value { Ok(()) } else { Err(format!("{value} is not {wanted}")) };
        }
        match (schema["type"].as_str(), value) {
            (Some("null"), Value::Null) => Ok(()),
            (Some("string"), Value::String(text)) => check_text(schema, text),
            (Some("array"), Value::Array(items)) => {
                items.iter().try_for_each(|item| self.check(&schema["items"], item, met))
            }
            (Some("object"), Value::Object(fields)) => {
                let required = schema["required"].as_array().unwrap();
                for wanted in required.iter().filter_map(Value::as_str) {
                    if !fields.contains_key(wanted) {
                        return Err(format!("{name}.{wanted} is missing"));
                    }
                }
                for (field, value) in fields {
                    let inner =
                        schema["properties"].get(field).ok_or(format!("{name}.{field} is not in the document"))?;
                    self.check(inner, value, met).map_err(|why| format!("{name}.{field}: {why}"))?;
                    met.insert(format!("{name}.{field}"));
                }
                Ok(())
            }
            (wanted, _) => Err(format!("no {wanted:?}")),
        }
    }
}

fn check_text(schema: &Value, text: &str) -> Result<(), String> {
    let bound = |name: &str| schema[name].as_str().map(|bound| bound.parse::<usize>().unwrap());
    let length = text.chars().count();
    if bound("minLength").is_some_and(|least| length < least) || bound("maxLength").is_some_and(|most| length > most) {
        return Err(format!("{length} characters"));
    }
    match schema["enum"].as_array() {
        Some(values) if !values.iter().any(|value| value == text) => Err(format!("{text} is not in the list")),
        _ => Ok(()),
    }
}
