//! The words that a language is known by: the most frequent function words of each, and letters that mark it.
//!
//! In lower case, the most frequent first. English is known by its stop words (`stop.rs`); those of the other languages
//! are with their stemmers, in the second module.

use crate::language::Language;

/// Language, words, letters.
pub(crate) static FUNCTION_WORDS: [(Language, &str, &str); 30] = [
    (
        Language::ARABIC,
        "في أو أن من على أي لا إلى هذا كان كل له عن مع ذلك التي ما كانت بين فيه هذه تلك الذي يكون غير قد كما إليه",
        "إأةىؤئ",
    ),
    (
        Language::ARMENIAN,
        "ու և է կամ իր այս են համար մի վրա այն որ այդ իրենց նրա հետ նրանք թե էր մեջ ինչպես եմ ես էին նա մենք դու \
         դուք",
        "",
    ),
    (
        Language::CATALAN,
        "i de la a en el o que per tota les seva els no una dels un del al és tots amb aquesta se als com ser han",
        "",
    ),
    (
        Language::CZECH,
        "a na nebo má v k být se jeho i aby s je že ve mají za do pro jsou která by z byla které to o bylo",
        "ěřů",
    ),
    (
        Language::DANISH,
        "og til har at i af eller for de på er der en skal som med alle den denne det under mod ikke et ved sig \
         uden sin",
        "æø",
    ),
    (
        Language::GERMAN,
        "und der die zu auf das hat jeder oder in werden durch den ist eine seine seiner haben von des einer bei \
         als da gegen für dieser alle",
        "ßü",
    ),
    (
        Language::GREEK,
        "και να του της το την η σε έχει των ή με που για στην τα τη τις δεν κάθε από τον οι είναι τους κατά θα \
         έχουν",
        "",
    ),
    (
        Language::SPANISH,
        "de la y a en el los que su toda o por del las se un una como al para ser sus todos no e esta sin con",
        "ñ¿¡",
    ),
    (
        Language::PERSIAN,
        "و که در هر از یا را دارد باشد با خود است آن این کند برای شود بین باید شده او همه دارند بر های تا کنند به",
        "پچژگ",
    ),
    (
        Language::FINNISH,
        "ja on tai sekä ei hänen kun sen että ovat jotka tässä kaikki heidän tämä tämän kanssa ne joka myös kuin \
         niin vain mikä mukaan oli ole he",
        "äö",
    ),
    (
        Language::FRENCH,
        "de et la à l des le a les ou toute d en sa que un dans une ne par au tous être est pour qui du aux",
        "œùêëîû",
    ),
    (Language::HINDI, "के और को का है की में या से हो भी किया करने द्वारा पर अपने इस लिए कि जो यह उस वह नहीं ही कर अन्य हैं", ""),
    (
        Language::HUNGARIAN,
        "a és az minden van hogy vagy lehet arra kell nem mint amely előtt ez azt alatt meg volt vannak ki annak \
         között egy is lesz el erre",
        "őű",
    ),
    (
        Language::INDONESIAN,
        "dan yang setiap dengan untuk dalam di atau dari tidak ini semua serta oleh secara akan bahwa sebagai \
         mana telah dapat karena mereka pada itu lebih tersebut ke",
        "",
    ),
    (
        Language::ITALIAN,
        "di e ogni della ha in o il la a essere alla che dei l ed sua un una al per i del delle le nella hanno \
         tutti",
        "ì",
    ),
    (
        Language::LITHUANIAN,
        "ir į kiekvienas ar būti kad jo savo kaip tai yra su nuo jis visi dėl jos bei arba bus iš už kuris ši jų \
         gali taip pat",
        "ąęėįųū",
    ),
    (
        Language::DUTCH,
        "de van en een het op zijn te in heeft of worden om zal voor aan door met dat die deze hebben welke alle \
         tegen is bij tot",
        "",
    ),
    (
        Language::NORWEGIAN,
        "og til har i som eller av for er de på skal den med det en alle denne mot at ikke noen ved under uten et \
         han blir",
        "æø",
    ),
    (
        Language::POLISH,
        "i do w każdy lub z nie jego na jest się oraz że to bez o za są aby od przez dla być jako wszystkie ze \
         przed które",
        "ąęłżźćńś",
    ),
    (
        Language::PORTUGUESE,
        "a e de o da ou que tem em à os dos sua toda do no na todos as por ser das ao aos para se uma com",
        "ãõ",
    ),
    (
        Language::ROMANIAN,
        "și de în la a sau are să nu care o fi se sa au pentru prin sale cu că toate din al este lor sunt precum \
         fără",
        "ăâșțşţ",
    ),
    (
        Language::RUSSIAN,
        "и в на или его не быть к во для от что может как при то с по их все ни было без чтобы бы время своих за",
        "ыэё",
    ),
    (
        Language::SERBIAN,
        "и у да на или се су не је за која бити као који било од о може би а она му ово када како због под своје",
        "јљњћђџ",
    ),
    (
        Language::SWEDISH,
        "och till i att eller av för har som de är en med alla på skall denna varje mot den vid sin under det \
         från sig sitt utan",
        "åäö",
    ),
    (
        Language::TAMIL,
        "அல்லது ஒரு அவர்கள் அது மற்றும் அவை போன்ற இந்த மேலும் அந்த என்று என இது இவை அவர் அவள் அவன் நான் நாம் நீ \
         நீங்கள் உள்ள பற்றி ஆனால் என்ன எப்படி எங்கே ஏன்",
        "",
    ),
    (
        Language::TURKISH,
        "ve bir veya her bu olarak için hiç bütün ile daha olan da ancak göre tarafından içinde ya arasında de \
         gibi en olduğu nerede üzere bunun şu o",
        "ğışİ",
    ),
    (
        Language::UKRAINIAN,
        "і на або в до у не та що бути її від для може як з за його їх всі при є які під щоб того своїх через",
        "іїєґ",
    ),
    (
        Language::URDU,
        "اور کے کی کا کو ہے میں سے اس یا ہو پر جو ہیں کرنے کہ یہ وہ نہیں کیا ان کر اپنی بھی اپنے ساتھ ہی نے",
        "ٹڈڑںےہ",
    ),
    (
        Language::VIETNAMESE,
        "do hay không như trong cho ai theo khi ra trên hơn và là của có được với một các những này đó người để \
         từ đã đến",
        "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđơư",
    ),
    (
        Language::BULGARIAN,
        "на и да в или има за се е от с не като че по при тази си което му са това без който до може тези със",
        "ъ",
    ),
];
