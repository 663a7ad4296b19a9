//! Bytecode on rows, as a caller has them.

use aetherv_filter::{Columns, Filter, Metas};

struct Rows(Vec<&'static str>);

impl Metas for Rows {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn json(&self, row: u32) -> &[u8] {
        self.0.get(row as usize).map_or(&[], |json| json.as_bytes())
    }
}

fn string(text: &str) -> Vec<u8> {
    let mut bytes = vec![text.len() as u8];
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// One condition on one key.
fn filter(key: &str, op: u8, operand: &[u8]) -> Vec<u8> {
    [&[1, 1], string(key).as_slice(), &[op, 0], operand].concat()
}

fn number(value: f64) -> Vec<u8> {
    [&[3], value.to_le_bytes().as_slice()].concat()
}

fn text(text: &str) -> Vec<u8> {
    [&[4], string(text).as_slice()].concat()
}

fn json(json: &str) -> Vec<u8> {
    [&[5], string(json).as_slice()].concat()
}

fn rows() -> Rows {
    Rows(vec![
        r#"{"n":1,"s":"a","t":["x",2],"p":{"lat":1,"lon":2}}"#,
        r#"{"n":-2.5,"s":"\u0001\"","t":[],"p":[{"lat":50,"lon":2},[1]]}"#,
        "",
        r#"{"n":"1","s":null,"t":[[1],"x"],"a":{"b":true}}"#,
        r#"{"n":[0,9],"a.b":false,"s":"ab"}"#,
        "{damaged",
        "[1]",
    ])
}

fn found(bytes: &[u8]) -> Vec<u32> {
    let filter = Filter::open(bytes).expect("a filter");
    Columns::default().matches(&filter, &rows()).iter().collect()
}

#[test]
fn conditions_mean_what_the_format_says() {
    let cases: Vec<(Vec<u8>, &[u32])> = vec![
        (filter("n", 0x10, &number(1.0)), &[0]),
        (filter("n", 0x10, &text("1")), &[3]),
        (filter("n", 0x11, &[&[2], number(9.0).as_slice(), &number(-2.5)].concat()), &[1, 4]),
        (filter("n", 0x12, &number(1.0)), &[1, 4]),
        (filter("n", 0x13, &number(1.0)), &[0, 1, 4]),
        (filter("n", 0x14, &number(1.0)), &[4]),
        (filter("n", 0x15, &number(1.0)), &[0, 4]),
        (filter("n", 0x15, &text("0")), &[3]),
        (filter("s", 0x16, &[]), &[0, 1, 3, 4]),
        (filter("s", 0x10, &[0]), &[3]),
        (filter("s", 0x17, &string("a")), &[0, 4]),
        (filter("s", 0x10, &text("\u{1}\"")), &[1]),
        (filter("t", 0x18, &[2]), &[0, 3]),
        (filter("t", 0x18, &[0]), &[1]),
        (filter("t", 0x10, &json("[]")), &[1]),
        (filter("t", 0x10, &json("[1]")), &[3]),
        (filter("t", 0x1b, &json("[1]")), &[3]),
        (filter("t", 0x1b, &json(r#"["x",2]"#)), &[]),
        (filter("t", 0x10, &json(r#"["x",2]"#)), &[0]),
        (filter("s", 0x1b, &text("b")), &[4]),
        (filter("t", 0x1b, &text("x")), &[0, 3]),
        (filter("a.b", 0x10, &[2]), &[3]),
        (filter("a.b", 0x10, &[1]), &[4]),
        (filter("p", 0x10, &json(r#"{"lat":1,"lon":2}"#)), &[0]),
        (filter("p", 0x1a, &[0.0f64, 0.0, 90.0, 10.0].map(f64::to_le_bytes).concat()), &[0, 1]),
        (filter("p", 0x19, &[0.0f64, 0.0, 300_000.0].map(f64::to_le_bytes).concat()), &[0]),
        (vec![1, 0, 4], &[0, 1, 2, 3, 4, 5, 6]),
        (vec![1, 0, 3, 4], &[]),
        (vec![1, 0, 2, 0], &[]),
        (vec![1, 0, 1, 2, 4, 3, 2, 0], &[0, 1, 2, 3, 4, 5, 6]),
    ];
    for (bytes, want) in cases {
        assert_eq!(found(&bytes), want, "{bytes:?}");
    }
}

#[test]
fn columns_are_made_once_and_anew_for_more_rows() {
    let filter = Filter::open(&filter("n", 0x14, &number(0.0))).unwrap();
    let mut columns = Columns::default();
    assert_eq!(columns.bytes(), 0);
    assert_eq!(columns.matches(&filter, &rows()).len(), 2);
    let bytes = columns.bytes();
    assert!(bytes > 0);
    assert_eq!(columns.matches(&filter, &rows()).len(), 2);
    assert_eq!(columns.bytes(), bytes);
    let more = Rows(rows().0.into_iter().chain([r#"{"n":7}"#]).collect());
    assert_eq!(columns.matches(&filter, &more).iter().collect::<Vec<_>>(), [0, 4, 7]);
    assert!(columns.bytes() > bytes);
}

#[test]
fn no_row_is_no_answer() {
    let filter = Filter::open(&[1, 0, 4]).unwrap();
    assert!(Columns::default().matches(&filter, &Rows(Vec::new())).is_empty());
}

#[test]
fn what_is_damaged_is_refused() {
    for bytes in [
        vec![],
        vec![2, 0, 4],
        vec![1, 0],
        vec![1, 0, 5],
        vec![1, 0, 4, 4],
        vec![1, 0, 0x16, 0],
        vec![1, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f],
        vec![1, 1, 1, 0xff, 0x16, 0],
        filter("n", 0x12, &[0]),
        filter("n", 0x12, &number(f64::NAN)),
        filter("n", 0x17, &[9, b'a']),
        [vec![1, 0], vec![3; 1000], vec![4]].concat(),
    ] {
        assert!(Filter::open(&bytes).is_err_and(|error| error.to_string().starts_with("AV_CORRUPT")), "{bytes:?}");
    }
}

/// Every order of strings, of lengths and beginnings that sorting takes apart.
#[test]
fn many_strings_are_found_by_any_condition() {
    let stems = ["", "shared/beginning/of/many/", "zz", "\u{e000}", "😀"];
    let texts: Vec<String> = (0..4000u32)
        .map(|at| format!("{}{}", stems[at as usize % 5], "x".repeat(at as usize % 90) + &(at % 37).to_string()))
        .collect();
    let leaked: Vec<&'static str> =
        texts.iter().map(|text| &*Box::leak(format!(r#"{{"s":"{text}"}}"#).into_boxed_str())).collect();
    let (rows, mut columns) = (Rows(leaked), Columns::default());
    let mut check = |op: u8, operand: &[u8], fits: &dyn Fn(&str) -> bool| {
        let filter = Filter::open(&filter("s", op, operand)).unwrap();
        let got: Vec<u32> = columns.matches(&filter, &rows).iter().collect();
        let want: Vec<u32> = (0..4000).filter(|at| fits(&texts[*at as usize])).collect();
        assert_eq!(got, want, "{op} {operand:?}");
    };
    let before = |a: &str, b: &str| a.encode_utf16().lt(b.encode_utf16());
    for part in texts.iter().step_by(97).map(String::as_str).chain(["", "shared", "\u{e000}", "😀x", "zzz"]) {
        check(0x10, &text(part), &|text| text == part);
        check(0x12, &text(part), &|text| before(text, part));
        check(0x15, &text(part), &|text| !before(text, part));
        check(0x17, &string(part), &|text| text.starts_with(part));
        check(0x1b, &text(part), &|text| text.contains(part));
    }
}
