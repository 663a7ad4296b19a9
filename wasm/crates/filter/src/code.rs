//! The bytecode of filters, read and checked. `wasm/FORMAT.md` has the layout.

use crate::geo::{Area, Circle};
use crate::spelling;
use aetherv_core::bytes::take_varint;
use aetherv_core::{Error, Result};

const VERSION: u8 = 1;
/// What the deepest filter that the parser lets through needs, and some more; each level is a call.
const DEPTH_MAX: u32 = 80;

/// A condition on a row's metadata.
#[derive(Debug)]
pub enum Node {
    /// All of these.
    And(Vec<Node>),
    /// Any of these.
    Or(Vec<Node>),
    /// Not this.
    Not(Box<Node>),
    /// Everything.
    All,
    /// Of the values under a key, by its number.
    Test(usize, Test),
}

/// A condition on the values under one key: those of a list count one by one.
#[derive(Debug)]
pub enum Test {
    /// Equal to any of these.
    In(Vec<Value>),
    /// Before or after a number or a string.
    Order(Order, Value),
    /// There is a value.
    Exists,
    /// A string begins so.
    Prefix(Vec<u8>),
    /// A list of so many.
    Size(u32),
    /// A point within.
    Within(Area),
    /// A string within a string, or an element of a list.
    Contains(Value),
}

/// How a value stands to the one given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Before it.
    Less,
    /// Before it, or it.
    AtMost,
    /// After it.
    More,
    /// After it, or it.
    AtLeast,
}

/// A value to compare with.
#[derive(Debug)]
pub enum Value {
    /// A number; never NaN.
    Number(f64),
    /// A string, spelt as columns have it.
    Text(Vec<u8>),
    /// Anything else, as JSON.
    Json(Vec<u8>),
}

/// Keys and the one node.
pub fn read(bytes: &[u8]) -> Result<(Vec<Vec<u8>>, Node)> {
    parts(bytes).ok_or_else(|| Error::corrupt("the bytes of a filter are damaged or of another version"))
}

fn parts(bytes: &[u8]) -> Option<(Vec<Vec<u8>>, Node)> {
    let mut rest = bytes;
    if byte(&mut rest)? != VERSION {
        return None;
    }
    let keys = list(&mut rest, |rest| text(rest).map(<[u8]>::to_vec))?;
    let root = node(&mut rest, keys.len(), DEPTH_MAX)?;
    rest.is_empty().then_some((keys, root))
}

fn node(rest: &mut &[u8], keys: usize, depth: u32) -> Option<Node> {
    let depth = depth.checked_sub(1)?;
    let op = byte(rest)?;
    Some(match op {
        1 => Node::And(list(rest, |rest| node(rest, keys, depth))?),
        2 => Node::Or(list(rest, |rest| node(rest, keys, depth))?),
        3 => Node::Not(Box::new(node(rest, keys, depth)?)),
        4 => Node::All,
        _ => {
            let key = take_varint(rest)? as usize;
            if key >= keys {
                return None;
            }
            Node::Test(key, test(rest, op)?)
        }
    })
}

fn test(rest: &mut &[u8], op: u8) -> Option<Test> {
    Some(match op {
        0x10 => Test::In(vec![value(rest)?]),
        0x11 => Test::In(list(rest, value)?),
        0x12 => Test::Order(Order::Less, ordered(rest)?),
        0x13 => Test::Order(Order::AtMost, ordered(rest)?),
        0x14 => Test::Order(Order::More, ordered(rest)?),
        0x15 => Test::Order(Order::AtLeast, ordered(rest)?),
        0x16 => Test::Exists,
        0x17 => Test::Prefix(spelling::of(text(rest)?)),
        0x18 => Test::Size(take_varint(rest)?),
        0x19 => Test::Within(Area::Circle(Circle::new(float(rest)?, float(rest)?, float(rest)?))),
        0x1a => {
            Test::Within(Area::Box { south: float(rest)?, west: float(rest)?, north: float(rest)?, east: float(rest)? })
        }
        0x1b => Test::Contains(value(rest)?),
        _ => return None,
    })
}

fn value(rest: &mut &[u8]) -> Option<Value> {
    Some(match byte(rest)? {
        0 => Value::Json(b"null".to_vec()),
        1 => Value::Json(b"false".to_vec()),
        2 => Value::Json(b"true".to_vec()),
        3 => Value::Number(float(rest)?),
        4 => Value::Text(spelling::of(text(rest)?)),
        5 => Value::Json(text(rest)?.to_vec()),
        _ => return None,
    })
}

fn ordered(rest: &mut &[u8]) -> Option<Value> {
    value(rest).filter(|value| !matches!(value, Value::Json(_)))
}

/// As many items as a number before them says; each takes a byte at least, so a wrong number ends with the bytes.
fn list<T>(rest: &mut &[u8], item: impl Fn(&mut &[u8]) -> Option<T>) -> Option<Vec<T>> {
    (0..take_varint(rest)?).map(|_| item(rest)).collect()
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (&first, others) = rest.split_first()?;
    *rest = others;
    Some(first)
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(count)?;
    *rest = tail;
    Some(head)
}

fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let count = take_varint(rest)? as usize;
    take(rest, count).filter(|bytes| std::str::from_utf8(bytes).is_ok())
}

fn float(rest: &mut &[u8]) -> Option<f64> {
    let bytes = take(rest, 8)?.try_into().ok()?;
    Some(f64::from_le_bytes(bytes)).filter(|value| !value.is_nan())
}
