//! Stemmers that take one ending off: for languages that Snowball has no stemmer of.
//!
//! Light stemming of inflection alone finds as well as deeper stemming (Savoy, "Light stemming approaches for the French,
//! Portuguese, German and Hungarian languages", 2006; Dolamic and Savoy, "Indexing and stemming approaches for the Czech
//! language", 2009).

/// Endings of a language, as they are written, and how many chars must stay.
struct Endings {
    language: u8,
    keep: usize,
    endings: &'static str,
}

static TABLES: [Endings; 9] = [
    // Armenian
    Endings {
        language: 3,
        keep: 2,
        endings: "ը ն ի ին ից ով ում եր երը երի երին երից երով երում ներ ները ների ներին ներից ներով ներում ության ություն ությունը",
    },
    // Catalan
    Endings {
        language: 4,
        keep: 3,
        endings: "a e o s es as os ment ments ció cions ar er ir ant ent ants ents at ada ats ades it ida its ides ava aven ia ien",
    },
    // Czech
    Endings {
        language: 5,
        keep: 3,
        endings: "ování ováním ování atech ětem atům ech ich ích ého ěmi emi ému ete eti iho ího ími imu ách ata aty ých ama ami ové ovi ými em es \
                  ém ím ům at ám os us ým mi ou ů ej í ě ý á é a e i o u y ost osti ostí ostech ostem ostmi ovat ován ována ováno ovány uje ují \
                  oval ovala ovalo ovaly ovali ní ním ního ních ními nímu",
    },
    // Persian
    Endings { language: 10, keep: 2, endings: "های هایی هایم هایت هایش ها ترین تر ی" },
    // Lithuanian
    Endings {
        language: 17,
        keep: 3,
        endings: "as is ys us a ė o os ės io ios ui iui ai iai ei ą ę į ų ių u iu e yje uje oje ėje ose ėse uose iuose oms ėms ams iams omis ėmis ais \
                  iais imis umis ims ums ti o ė davo siu si s",
    },
    // Polish
    Endings {
        language: 20,
        keep: 3,
        endings: "a ą e ę i o u y ó ie ia io iu ią ię ii ej iej em iem am iam om iom ów im ym ami iami ach iach owi owie ego iego emu iemu imi ymi ich \
                  ych ić yć ać eć ąć ał ała ało ały ali ił iła iło iły ili ył yła yło yły yli uje ują ujemy ujesz uję ował owała owało owały \
                  owali ować owany owana owane owanych owanego owanym owaną owanej any ana ane ani anych anego anym aną anej ony ona one \
                  onych onego onym oną onej eni anie ania aniu aniem aniach aniami ań enie enia eniu eniem eniach eniami eń owanie owania \
                  owaniu owaniem ość ości ością ościach ościami ościom cja cji cję cją cje cjach cjami cjom acja acji ację acją acje acjach \
                  acjami acjom eś aś iesz emy imy ymy amy ecie icie ycie acie eją ają ajemy ajesz ów",
    },
    // Serbian, in both scripts
    Endings {
        language: 24,
        keep: 3,
        endings: "а е и о у ом ем ама има ова ева ови еви ог ег ома ему ју је ом ој их им ости ост ошћу ња њу ње њем њима ти ла ло ли ле ао",
    },
    // Ukrainian
    Endings {
        language: 28,
        keep: 3,
        endings: "ий а я у ю е є и і ї о й ь ою єю ею ам ям ах ях ів їв ей ом ем єм ами ями ові еві єві ого його ому йому им їм ими їми их їх ій ої єї ую \
                  юю ає яє ують юють ати яти ити іти ував ював ала яла ила али яли или ав яв ив ання яння ення анням енням ість ості істю \
                  остей остями остях ати ють уть ать ять",
    },
    // Bulgarian
    Endings {
        language: 31,
        keep: 3,
        endings: "а я о е и ът ят та то те ия ията ият иите иите ите ата ято ове овете ища ищата еве евете ен на но ни ната ното ните ния ният ост остта \
                  ости остите ане ането ение ението ения енията ание анието ания анията ам аш ат ах аха ал ала ало али",
    },
];

/// The word without its longest ending.
#[must_use]
pub fn stem(language: u8, word: &str) -> &str {
    let Some(table) = TABLES.iter().find(|table| table.language == language) else {
        return word;
    };
    let rest = |ending: &str| word.strip_suffix(ending).filter(|rest| rest.chars().count() >= table.keep);
    table.endings.split_ascii_whitespace().filter_map(rest).min_by_key(|rest| rest.len()).unwrap_or(word)
}
