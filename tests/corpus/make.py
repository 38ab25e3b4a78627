#!/usr/bin/env python3
"""Writes the corpus beside it: NAME.eml, a mail named for its quirk, and NAME.toml, what is to become of it.

Run it again after a change; what it writes is the same each time. The mails are proved by an Authentication-Results line above
the Received line of mx.renkei.example, so that no signature grows old. Each asks about a customer of its own.
"""
import base64
import pathlib
import quopri
import re

HERE = pathlib.Path(__file__).parent
TRACE = (
    b"Authentication-Results: mx.renkei.example; dkim=pass header.d=aozora.example\r\n"
    b"Received: from mail.aozora.example by mx.renkei.example; Fri, 3 Jul 2026 09:00:05 +0900\r\n"
)
OWN_ID = "0123456789abcdef0123456789abcdef@renkei.example"
count = 0


# charsets that Python lacks

NEC = {}
for lead in (0xED, 0xEE):
    for trail in range(0x40, 0xFD):
        try:
            NEC[bytes([lead, trail]).decode("cp932")] = bytes([lead, trail])
        except UnicodeDecodeError:
            pass


def jis(text):
    """ISO-2022-JP with the vendors' characters and half-width kana, as CP50221 has them."""
    out, mode = b"", b"B"
    for c in text:
        raw = c.encode("cp932") if c not in NEC else NEC[c]
        if c == "\u301c":
            raw = b"\x81\x60"
        if len(raw) == 2:
            lead, trail = raw
            row = (lead - (0x71 if lead < 0xA0 else 0xB1)) * 2 + 1
            if trail > 0x7F:
                trail -= 1
            if trail >= 0x9E:
                trail, row = trail - 0x7D, row + 1
            else:
                trail -= 0x1F
            want, code = b"$B", bytes([row, trail])
        elif raw[0] >= 0xA1:
            want, code = b"I", bytes([raw[0] - 0x80])
        else:
            want, code = b"B", raw
        if want != mode:
            out += b"\x1b" + (b"$B" if want == b"$B" else b"(" + want)
            mode = want
        out += code
    return out + (b"" if mode == b"B" else b"\x1b(B")


ENCODE = {
    "jis": jis,
    "sjis": lambda t: t.replace("\u301c", "\uff5e").encode("cp932"),
    "euc": lambda t: t.encode("euc_jp"),
    "utf8": lambda t: t.encode(),
}


# pieces of mails


def transfer(data, how):
    if how == "base64":
        return base64.encodebytes(data).replace(b"\n", b"\r\n")
    if how == "quoted-printable":
        return quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return data


def crlf(text):
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def part(text, kind="text/plain; charset=utf-8", how="8bit", charset="utf8", more=()):
    data = text if isinstance(text, bytes) else ENCODE[charset](crlf(text))
    head = ([f"Content-Type: {kind}"] if kind else []) + [f"Content-Transfer-Encoding: {how}", *more]
    head = [line if isinstance(line, bytes) else line.encode() for line in head]
    return b"\r\n".join(head) + b"\r\n\r\n" + transfer(data, how)


def multipart(parts, subtype="mixed", boundary="=b", end=True):
    body = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\npreamble\r\n'.encode()
    for piece in parts:
        body += f"--{boundary}\r\n".encode() + piece + b"\r\n"
    return body + (f"--{boundary}--\r\n".encode() if end else b"")


def word(text, label, how="B", charset="utf8"):
    data = text if isinstance(text, bytes) else ENCODE[charset](text)
    if how == "B":
        return f"=?{label}?B?{base64.b64encode(data).decode()}?="
    return f"=?{label}?Q?{''.join(f'={b:02X}' for b in data)}?="


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    out = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\u{ord(m.group()):04X}", out) + '"'


def write(name, raw, **expected):
    global count
    count += 1
    (HERE / f"{name}.eml").write_bytes(raw)
    (HERE / f"{name}.toml").write_text("".join(f"{k} = {toml(v)}\n" for k, v in expected.items()))


def customer():
    return f"c{count + 1:03}@example.jp"


def headers(name, **changed):
    """The header of a firm's mail; a value None takes a field out, bytes stand as they are."""
    fields = {
        "From": "office@aozora.example",
        "To": "requests@renkei.example",
        "Subject": "request",
        "Date": "Fri, 3 Jul 2026 09:00:00 +0900",
        "Message-ID": f"<{name}@aozora.example>",
        "MIME-Version": "1.0",
    }
    fields.update({k.replace("_", "-"): v for k, v in changed.items()})
    lines = [
        k.encode() + b": " + (v if isinstance(v, bytes) else v.encode()) + b"\r\n"
        for k, v in fields.items()
        if v is not None
    ]
    return TRACE + b"".join(lines)


def ask(name, text, expect=None, head=None, **how):
    """A firm's mail with this text; {c} is its customer."""
    who = customer()
    text = text.replace("{c}", who) if isinstance(text, str) else text
    expected = {"class": "request", "verdict": "accepted", "customer": who}
    expected.update(expect or {})
    if expected["verdict"] != "accepted":
        expected.pop("customer")
    write(name, headers(name, **(head or {})) + part(text, **how), **expected)


def body(name, raw, expect=None, head=None):
    """A firm's mail with this body; {c} is its customer."""
    who = customer()
    expected = {"class": "request", "verdict": "accepted", "customer": who}
    expected.update(expect or {})
    if expected["verdict"] != "accepted":
        expected.pop("customer")
    raw = raw.replace(b"{c}", who.encode())
    write(name, headers(name, **(head or {})) + raw, **expected)


# charsets, labels right, missing and wrong

VENDOR = "㈱髙﨑①Ⅲ"
FORM = "顧問先メールアドレス：{c}\n顧問先名: " + VENDOR + "\nメッセージ: いつもお世話になっております。\n"
TOLD = {"client_name": VENDOR, "message": "いつもお世話になっております。"}
TRANSFERS = ["8bit", "base64", "quoted-printable"]
MATRIX = {
    "jis": ["iso-2022-jp", "ISO-2022-JP-MS", "cp50220", "CP50221", "cp50222", "csISO2022JP", "us-ascii", None, "utf-8", "shift_jis"],
    "sjis": ["Shift_JIS", "CP932", "ms932", "Windows-31J", "x-sjis", "sjis", "shift-jis", "MS_Kanji", "csWindows31J", None,
             "us-ascii", "utf-8", "iso-2022-jp", "x-unknown"],
    "utf8": ["UTF-8", "utf8", None, "us-ascii", "iso-8859-1", "shift_jis", "iso-2022-jp", "x-unknown"],
}
for charset, labels in MATRIX.items():
    for at, label in enumerate(labels):
        how = TRANSFERS[at % 3]
        kind = "text/plain" + (f"; charset={label}" if label else "")
        ask(f"charset-{charset}-labelled-{(label or 'not-at-all').lower()}-{how}", FORM, TOLD, kind=kind, how=how, charset=charset)
for label in ["EUC-JP", "x-euc-jp"]:
    ask(f"charset-euc-labelled-{label.lower()}", FORM.replace(VENDOR, "山田商店"), {**TOLD, "client_name": "山田商店"},
        kind=f"text/plain; charset={label}", charset="euc")
ask("charset-no-content-type-at-all", FORM, TOLD, kind=None, charset="jis", how="7bit")
ask("charset-label-in-quotes-with-blanks", FORM, TOLD, kind='text/plain; charset=" shift_jis "', charset="sjis")
ask("charset-utf-8-with-a-mark", "\ufeff" + FORM, TOLD)
ask("charset-jis-half-width-kana", "顧問先メールアドレス: {c}\n顧問先名: ﾔﾏﾀﾞ山田\n", {"client_name": "ﾔﾏﾀﾞ山田"},
    kind="text/plain; charset=iso-2022-jp", charset="jis", how="7bit")
ask("charset-sjis-half-width-kana", "顧問先メールアドレス: {c}\n顧問先名: ﾔﾏﾀﾞ山田\n", {"client_name": "ﾔﾏﾀﾞ山田"},
    kind="text/plain; charset=cp932", charset="sjis")
ask("charset-sjis-backslash-characters", "顧問先メールアドレス: {c}\n顧問先名: 表ソ能予\n", {"client_name": "表ソ能予"},
    kind="text/plain; charset=shift_jis", charset="sjis")
ask("charset-utf-7-is-not-read", FORM.replace("顧問先メールアドレス", "client email").replace(VENDOR, "Yamada"),
    {"client_name": "Yamada"}, kind="text/plain; charset=utf-8")

# damage

who = customer()
ask("damage-in-the-message-is-marked", f"client email: {who}\r\nmessage: ".encode() + "いつもお世話".encode() + b"\xe3\x81\r\n",
    {"customer": who, "message": "いつもお世話\ufffd"})
who = customer()
ask("damage-in-the-name-is-kept", ("client email: %s\r\nclient name: " % who).encode() + "山田".encode() + b"\xe3\x81\r\n",
    {"customer": who, "client_name": "山田\ufffd"})
ask("damage-in-the-address-is-refused", b"client email: yama\xe3\x81da@example.jp\r\n", {"verdict": "refused", "letters": ["form_refused"]})
ask("damage-in-the-language-is-refused", ("client email: %s\r\nlanguage: " % customer()).encode() + b"\xe3\x81\r\n",
    {"verdict": "refused", "letters": ["form_refused"]})

# subjects

SUBJECT = "契約情報取得の申請㈱"
PLAIN = "client email: {c}\n"
for label, charset in [("UTF-8", "utf8"), ("ISO-2022-JP", "jis"), ("Shift_JIS", "sjis"), ("cp932", "sjis"), ("iso-2022-jp-ms", "jis")]:
    for how in "BQ":
        ask(f"subject-{label.lower()}-{how.lower()}", PLAIN, {"subject": SUBJECT}, {"Subject": word(SUBJECT, label, how, charset)})
for charset in ["utf8", "jis", "sjis"]:
    ask(f"subject-raw-{charset}", PLAIN, {"subject": SUBJECT}, {"Subject": ENCODE[charset](SUBJECT)})
for label, charset, cut in [("UTF-8", "utf8", 4), ("UTF-8", "utf8", 8), ("ISO-2022-JP", "jis", 6), ("Shift_JIS", "sjis", 5)]:
    data = ENCODE[charset](SUBJECT)
    split = word(data[:cut], label) + "\r\n " + word(data[cut:], label)
    ask(f"subject-character-over-two-words-{label.lower()}-{cut}", PLAIN, {"subject": SUBJECT}, {"Subject": split})
ask("subject-words-with-language", PLAIN, {"subject": "山田"}, {"Subject": word("山田", "UTF-8*ja")})
ask("subject-word-within-a-word-boundary", PLAIN, {"subject": "Re: 山田x"}, {"Subject": "Re: " + word("山田", "utf-8") + "x"})
ask("subject-words-of-two-charsets", PLAIN, {"subject": "山田商店"},
    {"Subject": word("山田", "utf-8") + " " + word("商店", "ISO-2022-JP", charset="jis")})
ask("subject-with-a-bidi-override", PLAIN, {"subject": "ab"}, {"Subject": "a\u202eb"})
ask("subject-is-missing", PLAIN, {"subject": ""}, {"Subject": None})

# labels and values as people write them

for at, label in enumerate(["顧問先メールアドレス", "顧問先のメールアドレス", "担当者のメールアドレス", "担当者メールアドレス",
                            "Client Email", "CLIENT EMAIL ADDRESS", "customer email", "顧問先ﾒｰﾙｱﾄﾞﾚｽ", "　顧問先　メールアドレス　",
                            "■顧問先メールアドレス", "・ 顧問先メールアドレス", "●顧問先メールアドレス"]):
    ask(f"label-customer-{at:02}", label + "：{c}\n")
for at, label in enumerate(["事務所番号", "会計事務所番号", "事務所コード", "会計事務所コード", "Firm number", "Office Code", "事務所ｺｰﾄﾞ"]):
    ask(f"label-firm-number-{at}", label + ": １００１\n顧問先メールアドレス: {c}\n")
for at, label in enumerate(["メッセージ", "顧問先へのメッセージ", "ﾒｯｾｰｼﾞ", "Message"]):
    ask(f"label-message-{at}", "顧問先メールアドレス: {c}\n" + label + "：\n一\n\n二\n", {"message": "一\n\n二"})
WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
VALUES = {
    "in-full-width": lambda c: c.translate(WIDE),
    "with-a-full-width-at": lambda c: c.replace("@", "＠"),
    "in-brackets": lambda c: f"<{c}>",
    "in-full-width-brackets": lambda c: f"＜{c}＞",
    "with-a-name": lambda c: f"山田 太郎 <{c}>",
    "as-outlook-links-it": lambda c: f"{c}<mailto:{c}>",
    "as-outlook-links-it-in-square-brackets": lambda c: f"{c} [mailto:{c}]",
    "as-a-link": lambda c: f"mailto:{c}?subject=x",
    "in-capitals": lambda c: c.upper(),
    "with-blanks-around": lambda c: f"　 {c} \t",
}
for name, dress in VALUES.items():
    ask(f"address-{name}", "顧問先メールアドレス：" + dress(customer()) + "\n")
for name, text in {"wave-dash": "〜", "full-width-tilde": "～", "minus-sign": "−", "full-width-hyphen": "－", "old-kanji": "髙﨑德",
                   "beyond-the-plane": "𠮷野家", "emoji": "🍣店", "half-width": "ｶﾌﾞｼｷ", "combining": "か\u3099"}.items():
    ask(f"name-with-{name}", f"client email: {{c}}\nclient name: 山{text}川\n", {"client_name": f"山{text}川"}, how="base64")
ask("name-with-a-wave-dash-in-sjis", "顧問先メールアドレス: {c}\n顧問先名: 山〜川－\n", {"client_name": "山～川－"},
    kind="text/plain; charset=shift_jis", charset="sjis")
ask("message-is-kept-as-written", "client email: {c}\nmessage:\n①㈱～〜－−ｱ Ａ\n", {"message": "①㈱～〜－−ｱ Ａ"})
ask("order-of-the-lines-does-not-matter", "顧問先名: 山田\nお世話になります。\n顧問先メールアドレス: {c}\n", {"client_name": "山田"})
ask("line-ends-alone", PLAIN + "client name: A\n", {"client_name": "A"})

# structure

HTML = "<html><body><div>顧問先メールアドレス：{c}</div><div>顧問先名: <b>山田</b>&amp;子</div></body></html>"
for charset, label in [("utf8", "utf-8"), ("jis", "iso-2022-jp"), ("sjis", "shift_jis")]:
    ask(f"html-alone-{label}", HTML, {"client_name": "山田&子"}, kind=f"text/html; charset={label}", charset=charset, how="base64")
ask("html-with-lines-as-breaks", "顧問先メールアドレス: {c}<br>顧問先名: 山田", {"client_name": "山田"}, kind="text/html; charset=utf-8")
ask("html-as-a-table", "<table><tr><td>顧問先メールアドレス</td><td>: {c}</td></tr><tr><td>顧問先名</td><td>：山田</td></tr></table>",
    {"client_name": "山田"}, kind="text/html; charset=utf-8")
ask("html-with-a-linked-address", '<p>顧問先メールアドレス: <a href="mailto:{c}">{c}</a></p>', kind="text/html; charset=utf-8")
P = part(PLAIN)
H = part(HTML, kind="text/html; charset=utf-8")
body("structure-alternative", multipart([P, H], "alternative"))
body("structure-alternative-with-empty-text", multipart([part(" \n"), H], "alternative"), {"client_name": "山田&子"})
body("structure-related-in-mixed", multipart([multipart([H, part(b"GIF89a", kind="image/gif", how="base64")], "related", "=c")]),
     {"client_name": "山田&子"})
body("structure-deep", multipart([multipart([multipart([P], "mixed", "=3")], "mixed", "=2")], "mixed", "=1"))
body("structure-without-an-end", multipart([P], end=False))
body("structure-boundary-with-a-trailing-blank", multipart([P]).replace(b"--=b\r\n", b"--=b \r\n"))
body("structure-pdf-beside", multipart([P, part(b"%PDF-", kind="application/pdf", how="base64",
                                                more=['Content-Disposition: attachment; filename="a.pdf"'])]))
body("structure-text-file-beside-is-not-read", multipart([P, part("client name: other\n", more=["Content-Disposition: attachment; filename=a.txt"])]))
body("structure-forwarded-message-is-not-entered", multipart([P, b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nclient name: other\r\n"]))
body("structure-preamble-and-epilogue-are-not-read", multipart([P]).replace(b"preamble", b"client name: other") + b"client name: other\r\n")
ask("flowed", "client email:\u0020\n{c}\nclient name: A \nB\n".replace("client email: \n", "client email: "), {"client_name": "A B"},
    kind="text/plain; charset=utf-8; format=flowed")
ask("flowed-japanese", "顧問先メールアドレス: {c}\n顧問先名: 山 \n田\n", {"client_name": "山田"},
    kind="text/plain; charset=utf-8; format=flowed; delsp=yes")
data = base64.b64encode(f"client email: {customer()}\r\n".encode())
body("base64-in-one-line-without-padding", b"Content-Type: text/plain\r\nContent-Transfer-Encoding: BASE64\r\n\r\n" + data.rstrip(b"=") + b"\r\n")
data = base64.b64encode(f"client email: {customer()}\r\n".encode())
body("base64-with-noise-between", b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + data[:9] + b"!\r\n" + data[9:] + b"\r\n")
ask("quoted-lines-are-passed-over", "> client name: old\n＞client name: old\n| client name: old\n" + PLAIN + "client name: A\n", {"client_name": "A"})
ask("signature-is-passed-over", PLAIN + "-- \nclient name: other\n")
ask("answered-above-the-old-form", PLAIN + "client name: A\n\n-----Original Message-----\nFrom: renkei\nclient email: yamada@example.jp\nclient name: old\n",
    {"client_name": "A"})
ask("answered-above-the-old-form-japanese", PLAIN + "顧問先名: A\n\n-------- 元のメッセージ --------\n差出人: renkei\n顧問先メールアドレス: yamada@example.jp\n",
    {"client_name": "A"})
ask("answered-above-outlooks-rule", PLAIN + "________________________________\n差出人: renkei\n顧問先名: old\n")
ask("forwarded-form-counts-where-nothing-is-above", "FYI\n---------- Forwarded message ---------\nFrom: x\n" + PLAIN + "client name: A\n", {"client_name": "A"})
ask("forwarded-in-the-message-is-cut", PLAIN + "message: hello\n-----Original Message-----\nsecret\n", {"message": "hello"})

# tables

ROWS = "顧問先メールアドレス,顧問先名\r\n{c},㈱山田\r\nx{c},\"佐藤, 花子\"\r\n"


def table(name, data, file='filename="a.csv"', expect=None, text="よろしくお願いします。\n", kind="application/octet-stream", how="base64"):
    who = customer()
    data = data.replace("{c}", who) if isinstance(data, str) else data
    data = data.encode() if isinstance(data, str) else data
    file = file if isinstance(file, bytes) else file.encode()
    more = [b"Content-Disposition: attachment; " + file] if file else []
    expected = {"class": "request", "verdict": "accepted", "customer": who, "requests": 2, "letters": ["table_receipt"]}
    expected.update(expect or {})
    if expected["verdict"] != "accepted":
        expected.pop("customer"), expected.update(requests=0)
    raw = multipart([part(text.replace("{c}", who)), part(data, kind=kind, how=how, more=more)])
    write(name, headers(name) + raw, **expected)


table("table-utf-8", ROWS)
table("table-utf-8-with-a-mark", "\ufeff" + ROWS)
table("table-cp932", ROWS.replace("{c}", customer()).encode("cp932"), expect={"client_name": "㈱山田"})
table("table-utf-16", ROWS.replace("{c}", customer()).replace(",", "\t").replace('"佐藤\t 花子"', "佐藤").encode("utf-16"), 'filename="a.tsv"')
table("table-tabs", ROWS.replace('"佐藤, 花子"', "佐藤").replace(",", "\t"), 'filename="a.tsv"', {"client_name": "㈱山田"})
table("table-tabs-called-csv", ROWS.replace('"佐藤, 花子"', "佐藤").replace(",", "\t"))
table("table-semicolons", ROWS.replace('"佐藤, 花子"', "佐藤").replace(",", ";"))
table("table-english-heading", "Client name,Client email\r\nA,{c}\r\nB,x{c}\r\n", expect={"client_name": "A"})
table("table-short-heading", "メールアドレス\n{c}\nx{c}\n")
table("table-old-mac-line-ends", "email\r{c}\rx{c}\r")
table("table-message-of-two-lines", '顧問先メールアドレス,メッセージ\r\n{c},"一\r\n二"\r\nx{c},\r\n', expect={"message": "一\n二"})
table("table-blank-rows-are-passed-over", "email,x\r\n{c},1\r\n,\r\n\r\nx{c},2\r\n")
table("table-inline-text-csv", "email\r\n{c}\r\nx{c}\r\n", "", kind="text/csv; charset=utf-8", how="8bit")
table("table-name-rfc-2231", ROWS, "filename*=utf-8''%E7%94%B3%E8%AB%8B.csv")
table("table-name-rfc-2231-sjis", ROWS, "filename*=shift_jis''%90%5C%90%BF.csv")
name = "".join(f"%{b:02X}" for b in jis("申請.csv"))
table("table-name-rfc-2231-jis-continued", ROWS, f"filename*0*=iso-2022-jp''{name[:10]};\r\n filename*1*={name[10:]}")
table("table-name-cut-within-an-escape", ROWS, "filename*0*=utf-8''%E7%9;\r\n filename*1*=4%B3.csv")
table("table-name-rfc-2047", ROWS, 'filename="' + word("申請.csv", "ISO-2022-JP", charset="jis") + '"')
table("table-name-raw-sjis", ROWS, b'filename="\x90\x5c\x90\xbf\x95\x5c.csv"')
table("table-name-in-the-type-alone", ROWS, "", kind='application/octet-stream; name="a.CSV"')
table("table-one-bad-row", "email\r\n{c}\r\nno address\r\n", expect={"requests": 1})
NOT = {"verdict": "refused"}
table("table-all-bad-rows", "email\r\nx\r\ny\r\n", expect=NOT)
table("table-as-a-workbook", b"PK\x03\x04", 'filename="a.xlsx"', NOT)
table("table-as-an-old-workbook", b"\xd0\xcf\x11\xe0", 'filename="a.xls"', NOT)
table("table-in-an-archive", b"PK\x03\x04", "filename*=utf-8''%E7%94%B3%E8%AB%8B.zip", NOT)
table("table-in-an-archive-without-a-name", b"PK\x03\x04", "", NOT, kind="application/zip")
table("table-archive-called-csv", b"PK\x03\x04", expect=NOT)
table("table-without-a-heading", "a@example.jp,A\r\nb@example.jp,B\r\n", expect=NOT)
table("table-without-rows", "email,name\r\n", expect=NOT)
table("table-and-a-form", ROWS, text=PLAIN, expect=NOT)
table("table-with-another-firms-number", ROWS, text="事務所番号: 9999\n", expect=NOT)
table("list-that-is-no-table-beside-a-form", "品名,数量\r\n鉛筆,3\r\n", text=PLAIN, expect={"requests": 1, "letters": ["receipt"]})
table("workbook-beside-a-form", b"PK\x03\x04", 'filename="a.xlsx"', {"requests": 1, "letters": ["receipt"]}, text=PLAIN)

# commands

COMMAND = {"class": "firm_command", "verdict": "refused", "letters": ["command_answer"]}
for at, name in enumerate(["取下げ", "取り下げ", "取下", "取消", "取り消し", "申請メール再送", "再送", "事業所データ解除", "製品連携解除", "連携解除", "登録変更"]):
    ask(f"command-{at:02}", f"手続き：{name}\n申請番号：９９９９９\n事業所名: 山田商店\n", COMMAND)
for at, name in enumerate(["状況照会", "状況", "ｓｔａｔｕｓ"]):
    ask(f"command-status-{at}", f"用件: {name}\n", {**COMMAND, "verdict": "accepted", "customer": ""})
ask("command-in-english", "Command: withdraw\nRequest number: 99999\n", COMMAND)
ask("command-without-a-number", "手続き: 取下げ\n", COMMAND)
ask("command-request-is-a-request", "手続き: 申請\n" + PLAIN)
ask("command-in-the-message-is-none", PLAIN + "message:\n手続き: 取下げ\n")
ask("command-of-another-firms-number", "手続き: 状況\n事務所番号: 9999\n", COMMAND)

# forms with faults

REFUSED = {"verdict": "refused", "letters": ["form_refused"]}
ask("fault-no-form-at-all", "お世話になっております。\n", REFUSED)
ask("fault-no-customer", "顧問先名: 山田\n", REFUSED)
ask("fault-empty-customer", "顧問先メールアドレス:\n", REFUSED)
ask("fault-two-customers", "顧問先メールアドレス: a@example.jp\n顧問先メールアドレス: b@example.jp\n", REFUSED)
ask("fault-no-address", "顧問先メールアドレス: 山田\n", REFUSED)
ask("fault-japanese-local-part", "顧問先メールアドレス: 山田@example.jp\n", REFUSED)
ask("fault-office-number", PLAIN + "事業所番号: 12\n", REFUSED)
ask("fault-other-firm-number", PLAIN + "事務所番号: 9999\n", REFUSED)
ask("fault-unknown-language", PLAIN + "言語: français\n", REFUSED)
ask("fault-six-copies", PLAIN + "追加宛先: " + " ".join(f"k{n}@example.jp" for n in range(6)) + "\n", REFUSED)
ask("fault-name-of-101-characters", PLAIN + "client name: " + "山" * 101 + "\n", REFUSED)
ask("same-customer-twice-is-once", "顧問先メールアドレス: {c}\n担当者メールアドレス: <{c}>\n")
ask("message-of-2001-characters-is-cut", PLAIN + "message: " + "山" * 2001 + "\n", {"message": "山" * 1999 + "…"})

# what programs send

IDLE = {"verdict": "discarded"}
for name, head in {
    "auto-replied": {"Auto-Submitted": "auto-replied"}, "auto-generated": {"Auto-Submitted": "auto-generated (cron)"},
    "auto-notified": {"Auto-Submitted": "Auto-Notified; owner-email=x@aozora.example"}, "list-id": {"List-Id": "<x.aozora.example>"},
    "list-unsubscribe": {"List-Unsubscribe": "<mailto:x@aozora.example>"}, "precedence-bulk": {"Precedence": "bulk"},
    "precedence-junk": {"Precedence": "Junk"}, "precedence-list": {"Precedence": "list"}, "null-return-path": {"Return-Path": "<>"},
    "from-mailer-daemon": {"From": "MAILER-DAEMON@aozora.example"}, "from-postmaster": {"From": "Postmaster <postmaster@aozora.example>"},
}.items():
    ask(f"automatic-{name}", PLAIN, {**IDLE, "class": "automatic"}, head)
for name, head in {"own-message-id": {"Message-ID": "<x@renkei.example>"}, "loop-field": {"X-Renkei-Loop": "renkei.example"},
                   "many-received": {"X": "\r\n".join(["y"] + ["Received: z"] * 31)}}.items():
    ask(f"loop-{name}", PLAIN, {**IDLE, "class": "loop"}, head)
for name, head in {"auto-submitted-no": {"Auto-Submitted": "no"}, "precedence-first-class": {"Precedence": "first-class"},
                   "suppressed-responses": {"X-Auto-Response-Suppress": "All"}, "many-but-not-too-many-received": {"X": "\r\n".join(["y"] + ["Received: z"] * 29)}}.items():
    ask(f"person-{name}", PLAIN, {}, head)
body("automatic-read-receipt", b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b\r\n\r\nread\r\n--b--\r\n",
     {**IDLE, "class": "automatic"})

REPORT = {"class": "delivery_report", "verdict": "discarded", "unmatched": True}
DAEMON = {"From": "Mail Delivery System <MAILER-DAEMON@mx.example>", "Return-Path": "<>"}


def dsn(status, returned="text/rfc822-headers"):
    return (b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
            b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n" + status +
            f"\r\n\r\n--b\r\nContent-Type: {returned}\r\n\r\nMessage-ID: <{OWN_ID}>\r\n\r\n--b--\r\n".encode())


for name, status, fate in [("failed", b"Action: failed\r\nStatus: 5.1.1", "failed"), ("delayed", b"Action: delayed\r\nStatus: 4.4.1", "delayed"),
                           ("relayed", b"Action: relayed\r\nStatus: 2.0.0", "delivered"), ("without-an-action", b"Status: 5.0.0", "failed"),
                           ("two-recipients", b"Action: delivered\r\n\r\nAction: failed\r\nStatus: 5.2.2", "failed")]:
    body(f"report-standard-{name}", dsn(status), {**REPORT, "fate": fate, "message_id": OWN_ID}, {**DAEMON, "Subject": "Undelivered Mail Returned to Sender"})
body("report-with-the-whole-mail", dsn(b"Action: failed\r\nStatus: 5.7.1", "message/rfc822"), {**REPORT, "fate": "failed", "message_id": OWN_ID}, DAEMON)
for name, subject, text, fate in [
    ("qmail", "failure notice", "Hi. This is the qmail-send program at mx.example.\n\n<a@example.jp>:\nSorry. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <%s>\n", "failed"),
    ("exim", "Mail delivery failed: returning message to sender", "A message that you sent could not be delivered.\n\n------ This is a copy of the message, including all the headers. ------\n\nMessage-ID: <%s>\n", "failed"),
    ("exim-delayed", "Warning: message 1abc delayed 24 hours", "This message has not yet been delivered.\nMessage-ID: <%s>\n", "delayed"),
    ("sendmail", "Returned mail: User unknown", "550 <a@example.jp>... User unknown\n\nMessage-ID: <%s>\n", "failed"),
    ("exchange", "Undeliverable: request", "Your message did not reach some of the intended recipients.\nMessage-ID: <%s>\n", "failed"),
    ("exchange-japanese", "配信不能: 申請", "次の受信者には配信できません。\nMessage-ID: <%s>\n", "failed"),
    ("carrier", "Mail System Error - Returned Mail", "The following destination addresses were unknown.\nMessage-ID: <%s>\n", "failed"),
    ("delayed-japanese", "配信エラー", "配信が遅延しています。再送を試みます。\nMessage-ID: <%s>\n", "delayed"),
]:
    subject = subject if subject.isascii() else word(subject, "ISO-2022-JP", charset="jis")
    ask(f"report-old-{name}", text % OWN_ID, {**REPORT, "fate": fate, "message_id": OWN_ID}, {**DAEMON, "Subject": subject})
ask("report-x-failed-recipients", "x\n", {**REPORT, "fate": "failed"}, {"From": "x@mx.example", "X-Failed-Recipients": "a@example.jp"})
ask("vacation-is-no-report", "I am away.\n", {**IDLE, "class": "automatic"}, {"From": "c@example.jp", "Return-Path": "<>", "Subject": "Out of office: request"})

# nobody that we know

STRANGER = {"class": "other", "verdict": "quarantined"}
ask("stranger-words", "hello\n", STRANGER, {"From": "x@example.jp"})
ask("stranger-form", PLAIN, {**STRANGER, "class": "request"}, {"From": "x@example.jp"})
ask("stranger-answers-nothing-that-we-sent", "who are you?\n", STRANGER, {"From": "x@example.jp", "In-Reply-To": f"<{OWN_ID}>"})
FORGED = {"class": "request", "verdict": "quarantined"}
for name, value in {
    "look-alike-domain": "office@aоzora.example", "sub-domain": "office@x.aozora.example", "domain-as-a-prefix": "office@aozora.example.evil.example",
    "address-as-the-name": '"office@aozora.example" <x@evil.example>', "address-in-a-comment": "x@evil.example (office@aozora.example)",
    "two-mailboxes": "office@aozora.example, x@evil.example", "group": "firm: office@aozora.example;", "empty-group": "undisclosed:;",
    "encoded": word("office@aozora.example", "utf-8"), "two-brackets": "<office@aozora.example> <x@evil.example>",
    "address-beside-brackets": "office@aozora.example <x@evil.example>", "unclosed-comment": "(office@aozora.example",
    "unclosed-quote": '"office@aozora.example', "route": "<@evil.example:office@aozora.example>", "nothing": "", "null": "<>",
    "two-ats": "office@aozora.example@evil.example", "literal": "office@[127.0.0.1]", "blank-within": "off ice@aozora.example",
}.items():
    ask(f"from-{name}", PLAIN, FORGED, {"From": value})
ask("from-missing", PLAIN, FORGED, {"From": None})
for name, value in {"with-a-name": "青空 <office@aozora.example>", "encoded-name": word("青空", "utf-8") + " <office@aozora.example>", "with-a-comment": "office@aozora.example (Aozora)",
                    "in-capitals": "OFFICE@AOZORA.EXAMPLE", "quoted-local-part": '"office"@aozora.example', "folded": "Aozora\r\n <office@aozora.example>"}.items():
    ask(f"from-honest-{name}", PLAIN, {}, {"From": value})
for field, value in {"From": "office@aozora.example", "Sender": "office@aozora.example", "Date": "Fri, 3 Jul 2026 09:00:00 +0900", "Subject": "request",
                     "Message-ID": "<again@aozora.example>", "Content-Type": "text/plain"}.items():
    first = {"Sender": "office@aozora.example"} if field == "Sender" else {}
    ask(f"twice-{field.lower()}", PLAIN, FORGED, {**first, "X": f"y\r\n{field.upper()}: {value}"})
ask("header-with-a-nul", PLAIN, FORGED, {"X": b"a\0b"})
ask("header-with-a-lone-cr", PLAIN, FORGED, {"X": b"a\rb"})
ask("header-with-a-stray-line", PLAIN, FORGED, {"X": "y\r\nno field at all"})
ask("header-with-a-blank-before-the-colon", PLAIN, FORGED, {"X": "y\r\nSubject : x"})
body("body-with-a-lone-cr", part(PLAIN).replace(b"client", b"x\rclient"), FORGED)
for name, value, why in [("a-week-and-a-second-old", "Fri, 26 Jun 2026 08:59:59 +0900", "Date: stale"), ("eleven-minutes-ahead", "Fri, 3 Jul 2026 09:11:01 +0900", "Date: ahead"),
                         ("of-another-year", "Fri, 3 Jul 2020 09:00:00 +0900", "Date: stale"), ("that-is-none", "yesterday", "Date: undated"), ("missing", None, "Date: undated")]:
    ask(f"date-{name}", PLAIN, {**FORGED, "reason": why}, {"Date": value})
for name, value in [("six-days-old", "Sat, 27 Jun 2026 09:00:00 +0900"), ("nine-minutes-ahead", "Fri, 3 Jul 2026 09:09:00 +0900"),
                    ("without-a-weekday", "3 Jul 2026 00:00:00 +0000"), ("with-a-zone-name", "Fri, 3 Jul 2026 00:00:00 GMT"), ("with-a-comment", "Fri, 3 Jul 2026 09:00:00 +0900 (JST)")]:
    ask(f"date-{name}", PLAIN, {}, {"Date": value})
write("unproven-results-of-another-server", headers("u1").replace(b"mx.renkei.example; dkim", b"mx.evil.example; dkim") + part(PLAIN), **FORGED)
write("unproven-results-below-the-border", headers("u2").replace(TRACE, b"".join(reversed(TRACE.splitlines(True)))) + part(PLAIN), **FORGED)
write("unproven-results-of-another-domain", headers("u3").replace(b"header.d=aozora", b"header.d=evil") + part(PLAIN), **FORGED)
write("unproven-no-results", headers("u4").replace(TRACE, b"") + part(PLAIN), **FORGED)
print(count, "mails")
