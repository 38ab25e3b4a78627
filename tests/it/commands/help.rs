//! `--help` suffices, on everything.

use super::installation;

#[test]
fn every_command_has_help() {
    let house = installation();
    let mut waiting = vec![vec![]];
    let mut seen = 0;
    while let Some(command) = waiting.pop() {
        let args: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let help = house.cli_ok(&args);
        assert!(help.contains("Usage: renkei"), "{args:?}: {help}");
        let subcommands = help.split_once("Commands:\n").map_or("", |(_, rest)| rest);
        for line in subcommands.lines().take_while(|line| line.starts_with("  ")) {
            // a command's name stands two spaces in, what is said of it further
            let name = line[2..].split_whitespace().next().filter(|_| !line.starts_with("   "));
            if let Some(name) = name.filter(|name| *name != "help") {
                waiting.push(command.iter().cloned().chain([name.to_owned()]).collect());
            }
        }
        seen += 1;
    }
    assert!(seen >= 25, "only {seen} commands were found");
}

#[test]
fn an_unknown_command_is_wrong() {
    let house = installation();
    for args in [&["serve"][..], &["firm"], &["firm", "add"], &["request", "show", "one"]] {
        assert_eq!(house.cli(args).code, Some(2), "{args:?}");
    }
}
