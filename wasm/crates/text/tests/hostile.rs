//! Forty texts that are made to break offsets, in every language's analysis: places stay on chars, inside, in order, and what is
//! highlighted is what was asked for.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use aetherv_text::highlight::units;
use aetherv_text::{Analyzer, Language, Languages, Stemmer};

/// A stemmer that cuts and grows words, as no real one dares.
struct Wild;

impl Stemmer for Wild {
    fn is_ready(&self) -> bool {
        true
    }

    fn stem(&self, language: Language, word: &str, stem: &mut String) {
        let keep = word.chars().count() * usize::from(language.number() % 4) / 2;
        stem.extend(word.chars().cycle().take(keep));
    }
}

fn hostile() -> Vec<String> {
    let marks: String = (0x300..0x36f).filter_map(char::from_u32).collect();
    let mut texts: Vec<String> = [
        "",
        " ",
        "\0",
        "a\0b\0",
        "\u{feff}BOM",
        "\u{202e}abc \u{202c}שלום عربي",
        "👩‍👩‍👧‍👦 family👨‍🚀s",
        "🇩🇪🇫🇷 flags",
        "e\u{301}e\u{301}e\u{301} é",
        "\u{301}\u{302} lonely marks",
        "İSTANBUL ıI iİ",
        "ẞß ſ ŉ ǰ ΐ ﬁ ﬀ ﬃ",
        "Ǆ ǅ ǆ ᾳ ᾼ",
        "ﷺ ﷽",
        "a\u{200d}b\u{200c}c\u{200b}d\u{2060}e",
        "\u{fff9}x\u{fffb}",
        "\u{e000}\u{f8ff} private",
        "\u{10ffff}\u{10fffe}",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟘𝟙𝟚",
        "----____....",
        "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p",
        "aB".repeat(40).leak(),
        "__proto__ constructor",
        "v v. v.1 v1. 1.v1 -v2.0-",
        "日本語😀日本語",
        "ｶﾞｷﾞｸﾞ ﾊﾟ ﾞﾟ",
        "か\u{3099}は\u{309a} 中\u{3099}",
        "ที่นี่\u{e48}\u{e48}\u{e48}",
        "한\u{1100}\u{1161}\u{11a8}글",
        "क्ष्म्य \u{94d}\u{94d} ज़",
        "كـــتاب ٱلْكِتَابُ",
        "Ж\u{308}Й\u{306}",
        "größe-größe.GRÖSSE_größe",
        "foo-é bar.ü baz_中 qux-😀",
        "a\u{300}-b\u{300}.c",
        "\r\n\t\u{85}\u{2028}x",
        "١٢٣ ۴۵۶ १२३ ௧௨ ⅷ ② ½",
        "\u{ad}soft\u{ad}hyphen",
        "x\u{fe0f}y\u{20e3}",
        "\"unbalanced 'quotes (and [brackets",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push(format!("a{}", marks.repeat(200)));
    texts.push(format!("中{}文", marks.repeat(200)));
    texts.push("x".repeat(1 << 20));
    texts.push("é".repeat(1 << 19));
    texts.push("中".repeat(1 << 18));
    texts.push("aB-".repeat(1 << 18));
    texts.push("กี".repeat(1 << 17));
    texts
}

#[test]
fn places_stay_on_chars_inside_and_in_order() {
    let texts = hostile();
    assert!(texts.len() >= 40);
    let mut analyzer = Analyzer::with(Box::new(Wild));
    for text in &texts {
        let own = analyzer.language(&[text, "", text]);
        for language in (0..32).map(Language::from_number).chain([own]).filter(|_| text.len() < 10_000).chain([own]) {
            let (mut start, mut position) = (0, 0);
            let count = analyzer.terms(language, text, |t| {
                assert!(!t.term.is_empty());
                assert!(t.start < t.end && text.is_char_boundary(t.start) && text.is_char_boundary(t.end));
                assert!(t.start >= start && t.position >= position);
                (start, position) = (t.start, t.position);
            });
            assert!(count == 0 || position < count);
        }
    }
}

#[test]
fn what_is_asked_for_is_highlighted() {
    let texts = hostile();
    for text in texts.iter().filter(|text| text.len() < 10_000) {
        let mut analyzer = Analyzer::with(Box::new(Wild));
        let language = analyzer.language(&[text]);
        let mut held = Languages::default();
        held.insert(language);
        let utf16: Vec<u16> = text.encode_utf16().collect();
        let mut covered = vec![false; utf16.len()];
        let groups = analyzer.query_terms(text, &held);
        assert!(groups.windows(2).all(|pair| pair[0].position <= pair[1].position));
        assert!(groups.iter().all(|group| group.terms.is_sorted() && !group.terms.is_empty()));
        let terms: Vec<String> = groups.into_iter().flat_map(|group| group.terms).collect();
        let mut places = Vec::new();
        analyzer.terms(language, text, |t| {
            if terms.iter().any(|term| term == t.term) {
                places.push((t.start, t.end));
            }
        });
        let ranges = units(text, &places);
        assert!(ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{text:?}");
        for (from, to) in ranges {
            assert!(String::from_utf16(&utf16[from as usize..to as usize]).is_ok(), "{text:?}");
            covered[from as usize..to as usize].fill(true);
        }
        // A text asked for as a whole is highlighted as a whole: every word that has a term.
        analyzer.terms(language, text, |t| {
            let at = text[..t.start].encode_utf16().count();
            let length = text[t.start..t.end].encode_utf16().count();
            assert!(covered[at..at + length].iter().all(|&unit| unit), "{text:?} {:?}", t.term);
        });
    }
}
