//! Areas on the sphere. Sines are summed here, in one order, so that every build and the predicate of documents give the same bits.

use crate::{json, number};

/// Metres from the centre of the earth, as `src/retrieve/filter/geo.ts` has it.
const EARTH: f64 = 6_371_008.8;
const DEGREE: f64 = std::f64::consts::PI / 180.0;

/// What each term of the series of a sine is of the one before, but for the square of the angle; the last one first.
const TERMS: [f64; 11] = [
    term(11.0),
    term(10.0),
    term(9.0),
    term(8.0),
    term(7.0),
    term(6.0),
    term(5.0),
    term(4.0),
    term(3.0),
    term(2.0),
    term(1.0),
];

const fn term(step: f64) -> f64 {
    1.0 / (2.0 * step * (2.0 * step + 1.0))
}

/// A point in degrees.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    lat: f64,
    lon: f64,
}

/// What a point may lie in, its edge included.
#[derive(Debug)]
pub enum Area {
    /// So far around a point.
    Circle(Circle),
    /// Between two parallels and two meridians, from west to east: over the 180th where west is the greater.
    Box {
        /// The lower parallel.
        south: f64,
        /// Where it begins.
        west: f64,
        /// The upper parallel.
        north: f64,
        /// Where it ends.
        east: f64,
    },
}

/// A circle on the sphere.
#[derive(Debug)]
pub struct Circle {
    centre: Point,
    cosine: f64,
    /// The greatest haversine within.
    most: f64,
}

impl Point {
    /// The point that an object is: numbers `lat` and `lon` within their ranges.
    pub fn of(value: &[u8]) -> Option<Self> {
        let degrees = |key: &[u8], most: f64| {
            let degrees = number::parse(json::member_of(value, key)?)?;
            (degrees.abs() <= most).then_some(degrees)
        };
        Some(Self { lat: degrees(b"lat", 90.0)?, lon: degrees(b"lon", 180.0)? })
    }
}

impl Circle {
    /// All within `radius` metres of a point.
    pub fn new(lat: f64, lon: f64, radius: f64) -> Self {
        let angle = radius / (2.0 * EARTH);
        let most = if angle < std::f64::consts::FRAC_PI_2 { square(sine(angle)) } else { 1.0 };
        Self { centre: Point { lat, lon }, cosine: sine((90.0 - lat) * DEGREE), most }
    }
}

impl Area {
    /// Is the point within?
    pub fn holds(&self, Point { lat, lon }: Point) -> bool {
        match self {
            Area::Circle(Circle { centre, cosine, most }) => {
                let across = square(sine((lat - centre.lat) / 2.0 * DEGREE));
                if across > *most {
                    return false;
                }
                let along = square(sine((lon - centre.lon) / 2.0 * DEGREE));
                across + cosine * sine((90.0 - lat) * DEGREE) * along <= *most
            }
            Area::Box { south, west, north, east } => {
                let (after, before) = (lon >= *west, lon <= *east);
                lat >= *south && lat <= *north && if west <= east { after && before } else { after || before }
            }
        }
    }
}

const fn square(value: f64) -> f64 {
    value * value
}

/// The sine of an angle from -pi to pi: the first terms of its series, which are more than f64 can hold.
fn sine(angle: f64) -> f64 {
    let half = std::f64::consts::FRAC_PI_2;
    let near = if angle > half {
        2.0 * half - angle
    } else if angle < -half {
        -2.0 * half - angle
    } else {
        angle
    };
    let squared = near * near;
    near * TERMS.iter().fold(1.0, |sum, term| 1.0 - sum * squared * term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sines_are_sines() {
        for step in -1000..=1000 {
            let angle = f64::from(step) / 1000.0 * std::f64::consts::PI;
            assert!((sine(angle) - angle.sin()).abs() < 1e-15, "{angle}");
        }
    }

    #[test]
    fn distances_are_those_of_the_sphere() {
        let berlin = Circle::new(52.52, 13.405, 878_000.0);
        let paris = Point { lat: 48.8566, lon: 2.3522 };
        assert!(Area::Circle(berlin).holds(paris));
        assert!(!Area::Circle(Circle::new(52.52, 13.405, 877_000.0)).holds(paris));
        let (fiji, samoa) = (Point { lat: -17.0, lon: 179.9 }, Point { lat: -17.0, lon: -179.9 });
        for point in [fiji, samoa] {
            assert!(Area::Circle(Circle::new(-17.0, 180.0, 11_000.0)).holds(point));
            assert!(Area::Box { south: -20.0, west: 170.0, north: -10.0, east: -170.0 }.holds(point));
            assert!(!Area::Box { south: -20.0, west: -170.0, north: -10.0, east: 170.0 }.holds(point));
        }
        assert!(Area::Circle(Circle::new(90.0, 0.0, 1e9)).holds(samoa));
    }
}
