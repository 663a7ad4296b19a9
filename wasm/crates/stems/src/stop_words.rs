//! Stop words of each language, in lower case, the most frequent first.

/// Number of the language and its words.
static STOP_WORDS: [(u8, &str); 30] = [
    // ar
    (
        2,
        "في أو أن من على أي لا إلى هذا كان كل له عن مع ذلك التي ما كانت بين فيه هذه تلك الذي يكون غير قد كما إليه \
         وفي هي عند أم فيها ولا ليس إن هو حتى إذا بها لهم عليه عليها وقد الذين اللذان ماذا لماذا لم لن ليست تكون \
         هم هن نحن أنا أنت بعض عندما لقد ثم بل لو لكن كيف أين متى هل منذ خلال بعد قبل أيضا حيث به لها منه منها \
         وهو وهي ومن",
    ),
    // hy
    (
        3,
        "ու և է կամ իր այս են համար մի վրա այն որ այդ իրենց նրա հետ նրանք թե էր մեջ ինչպես եմ ես էին նա մենք դու \
         դուք բայց մասին ինչ ով",
    ),
    // ca
    (
        4,
        "i de la a en el o que per tota les seva els no una dels un del al és tots amb aquesta se als com ser han \
         seu més si sense aquest seus entre cada altres què són hi aquests totes ha també uns on fins unes qui \
         quan era aquestes aquell seves però sobre des això ho molt tot perquè nostre",
    ),
    // cs
    (
        5,
        "a na nebo má v k být se jeho i aby s je že ve mají za do pro jsou která by z byla které to o bylo při \
         mezi si byl toto podle ze jako jak tak jejich kdy jen pod před není který také ta co když než může lze \
         ke po byli ale ten ty tento tato její kde už od",
    ),
    // da
    (
        6,
        "og til har at i af eller for de på er der en skal som med alle den denne det under mod ikke et ved sig \
         uden sin andre blive om fra sit disse kan blev sine mellem hver var han efter hvis når hvor dette hun \
         jeg vi du havde vil bliver men over hvad hvem hvordan dem også så meget været ud ind",
    ),
    // de
    (
        7,
        "und der die zu auf das hat jeder oder in werden durch den ist eine seine seiner haben von des einer bei \
         als da gegen für dieser alle sowie dem sich mit zum an vor ein sind im ohne nicht sein ihren muss sie \
         nach diese dieses einem einen keine wird seinen ihrer es am unter zwischen wie dass auch nur jede jedes \
         damit eines kein war seinem ihre kann können soll müssen er zur über noch diesen welche ob aber keinen \
         waren wurde wurden ihr ihrem hatte ich du wir man mich uns vom aus beim um was wer wo wann warum wenn \
         weil daß so sehr mehr schon dann hier dies diesem welcher welches bis seit doch",
    ),
    // el
    (
        8,
        "και να του της το την η σε έχει των ή με που για στην τα τη τις δεν κάθε από τον οι είναι τους κατά θα \
         έχουν στα ως ο στη όλα όλοι μια ένα στο στον στους αν όπως αυτή ότι μην αυτό στις πως αυτά αυτές αυτών \
         μεταξύ πώς ήταν δε μη μία ένας όταν αλλά αυτός πολύ είχε μετά πριν τι ποιος ποια ποιο πού πότε γιατί",
    ),
    // es
    (
        9,
        "de la y a en el los que su toda o por del las se un una como al para ser sus todos no e esta sin con han \
         le entre todas u es ella este estos más todo otra otros están él unos son fueron ha lo también si otro \
         cada según durante puede unas qué quién quien cuál cuáles cómo cuando cuándo donde dónde era eran fue \
         está estaba había hay les me te nos mi yo ellos ellas esto estas ese esa eso esos aquel pero sobre hasta \
         desde muy ya sí porque otras pueden",
    ),
    // fa
    (
        10,
        "و که در هر از یا را دارد باشد با خود است آن این کند برای شود بین باید شده او همه دارند بر های تا کنند به \
         یک چه دیگر هیچ شد کرد آنها کرده نیز هم ها روی می‌شود بود می چرا چگونه کجا کی اما اگر پس پیش ما شما آن‌ها \
         ایشان زیر",
    ),
    // fi
    (
        11,
        "ja on tai sekä ei hänen kun sen että ovat jotka tässä kaikki heidän tämä tämän kanssa ne joka myös kuin \
         niin vain mikä mukaan oli ole he tätä jonka jossa siitä voi mitä missä jälkeen koska joiden se olivat \
         olla hän minä sinä me te nämä mutta jos sitä siinä voidaan miten milloin miksi kuka ennen välillä",
    ),
    // fr
    (
        12,
        "de et la à l des le a les ou toute d en sa que un dans une ne par au tous être est pour qui du aux qu \
         ont ce peut sont son sera ses il sur ni plus été se s toutes sans autres où ils elle y tout ainsi avec \
         sous ces pas leur leurs comme lui entre dont cette même afin autre cet n était avoir fait elles aussi \
         après lors eux chez vers mais donc car quoi quel quelle quels quelles c cela ça étaient avait eu notre \
         nos votre vos mon ma mes on nous vous je j tu comment quand pourquoi si très avant depuis pendant \
         peuvent",
    ),
    // hi
    (
        13,
        "के और को का है की में या से हो भी किया करने द्वारा पर अपने इस लिए कि जो यह उस वह नहीं ही कर अन्य हैं इन \
         इसके उसके करना गया एक उनके जिसमें हुए वे ने तो अपनी जिस गए साथ तक था ये उन अपना सकता थे थी इसकी किए गई \
         होता होती होते हुआ रहा रहे रही बाद क्या कौन कहाँ कब कैसे क्यों कितने सकते मैं हम आप तुम कुछ सब",
    ),
    // hu
    (
        14,
        "a és az minden van hogy vagy lehet arra kell nem mint amely előtt ez azt alatt meg volt vannak ki annak \
         között egy is lesz el erre csak úgy aki által de voltak lenne be le fel ezt ezek azok ennek már még ha \
         akkor mert így mi mit kik hol mikor miért hogyan milyen mely amelyek ami akik után során volna ő ők én \
         te",
    ),
    // id
    (
        15,
        "dan yang setiap dengan untuk dalam di atau dari tidak ini semua serta oleh secara akan bahwa sebagai \
         mana telah dapat karena mereka pada itu lebih tersebut ke adalah juga seperti ia apa antara hanya sudah \
         dia bagaimana jika maka para bisa ada saya kami kita anda siapa kapan mengapa tetapi namun sebuah",
    ),
    // it
    (
        16,
        "di e ogni della ha in o il la a essere alla che dei l ed sua un una al per i del delle le nella hanno \
         tutti da nel non è stato con gli ai dalla cui senza degli come sono suoi loro questi tutte fra quale si \
         questa lo dal sulla stati se suo queste può lui dello allo alle dalle nello nei nelle tra stata avere \
         sue questo quello quella più durante possono uno d agli dai negli su sul sui sulle chi quando dove \
         perché quali cosa era erano aveva ci ne ma anche molto tutto tutta dopo prima io tu lei noi voi mi ti vi",
    ),
    // lt
    (
        17,
        "ir į kiekvienas ar būti kad jo savo kaip tai yra su nuo jis visi dėl jos bei arba bus iš už kuris ši jų \
         gali taip pat tik per kur kuri kurie jie buvo visų prie kurių šis ji jau ant po iki bet kas kada kodėl \
         šie aš mes jūs ne nėra dar labai",
    ),
    // nl
    (
        18,
        "de van en een het op zijn te in heeft of worden om zal voor aan door met dat die deze hebben welke alle \
         tegen is bij tot als zonder niet geen ook zich andere ten onder naar er dan hem dit kan hun ter wordt \
         wel hij zij wat uit tussen was werd kunnen al waar elke zoals over waren werden had moet maar dus want \
         nog ze je we wij ik u haar mijn ons onze wie wanneer waarom hoe meer veel zeer na sinds omdat",
    ),
    // no
    (
        19,
        "og til har i som eller av for er de på skal den med det en alle denne mot at ikke noen ved under uten et \
         han blir sitt sin om seg disse andre var kan ble bli etter når hvor sine mellom hver bare fra over hva \
         ut inn noe der hun jeg vi du hadde vil men hvis hvem hvordan hvorfor dem dette også så meget mye vært",
    ),
    // pl
    (
        20,
        "i do w każdy lub z nie jego na jest się oraz że to bez o za są aby od przez dla być jako wszystkie ze \
         przed które którym jak ich mu można we po między ta tych czy też oni może przy pod a była tej która \
         także jej go nad u ale albo był było byli ten te tym tego który których co kto gdzie kiedy dlaczego już \
         tylko ja ty on ona my wy im bardzo gdy jeśli żeby więc jaki jakie jaka",
    ),
    // pt
    (
        21,
        "a e de o da ou que tem em à os dos sua toda do no na todos as por ser das ao aos para se uma com não têm \
         pode um como é seu sem pela todas pelo entre mais outros sob seus lhe todo nos às são foi este outra uns \
         pelos pelas até quem qual era está suas ela estes esse outras cada durante podem numa umas nas sobre \
         quais quando onde porque eram foram estão estava tinha há me nós eu ele eles elas você esta isto estas \
         essa isso esses aquele aquela mas também muito já só outro desde após num",
    ),
    // ro
    (
        22,
        "și de în la a sau are să nu care o fi se sa au pentru prin sale cu că toate din al este lor sunt precum \
         fără fost ce mai lui toți ale un unui unor sub când acest această aceste decât pe unei între cea ei el \
         despre după până era cel acestui ea avea către şi ai une erau cine cum unde dar ori cei cele acestei \
         acești noi voi am îi îl le său foarte tot dacă fiind doar",
    ),
    // ru
    (
        23,
        "и в на или его не быть к во для от что может как при то с по их все ни было без чтобы бы время своих за \
         какой которые это этих того ему так только всех со через между эта он они до под где когда какие который \
         которое которых этого тех был будет же ли также более ко о об из у над кто почему какая каких которая \
         этот эти этой тот та те она оно её ее им мы вы я ты нас вас мне была были есть а но тоже уже ещё еще \
         если всё весь можно после свой чем",
    ),
    // sr
    (
        24,
        "и у да на или се су не је за која бити као који било од о може би а она му ово када како због под своје \
         само сам са по из које што он они га био до којих али није их им тај та то била били где између после \
         пре над свој још већ смо i u na se da je su za od sa po iz do kao koji koja koje što ali ili nije nisu \
         bio bila bilo bili kada gdje gde kako zbog između nakon prije pre samo još već može sam smo ovo taj biti",
    ),
    // sv
    (
        25,
        "och till i att eller av för har som de är en med alla på skall denna varje mot den vid sin under det \
         från sig sitt utan om andra någon han vilka vilket dessa var där vilken sina detta mellan bli efter över \
         vad så något än hos ett inte hon jag vi du hade kan ska vill blev blir men när hur vem varför dem också \
         mycket varit ut in bara sedan ur",
    ),
    // ta
    (
        26,
        "அல்லது ஒரு அவர்கள் அது மற்றும் அவை போன்ற இந்த மேலும் அந்த என்று என இது இவை அவர் அவள் அவன் நான் நாம் நீ \
         நீங்கள் உள்ள பற்றி ஆனால் என்ன எப்படி எங்கே ஏன் யார்",
    ),
    // tr
    (
        27,
        "ve bir veya her bu olarak için hiç bütün ile daha olan da ancak göre tarafından içinde ya arasında de \
         gibi en olduğu nerede üzere bunun şu o kadar çok oldu olduğunu olur olması var yok değil ise ki ne nasıl \
         neden niçin kim hangi mi mı mu mü ama fakat çünkü bazı tüm diye sonra önce üzerinde ben sen biz siz \
         onlar onun onu ona bunu buna şey eğer hem",
    ),
    // uk
    (
        28,
        "і на або в до у не та що бути її від для може як з за його їх всі при є які під щоб того своїх через без \
         яка це цих чи так тільки й між яке яких ця вона вони я була було по ні де який цього те буде а ж також \
         всіх із зі над хто коли чому цей ці цієї той ті тих він воно ми ви ти був були але би теж вже ще якщо \
         все можна більше після свій",
    ),
    // ur
    (
        29,
        "اور کے کی کا کو ہے میں سے اس یا ہو پر جو ہیں کرنے کہ یہ وہ نہیں کیا ان کر اپنی بھی اپنے ساتھ ہی نے تو \
         ایک تھا لیے بعد ہم تھے تھی گیا ہوتا ہوتی تک کون کہاں کب کیسے کیوں آپ",
    ),
    // vi
    (
        30,
        "do hay không như trong cho ai theo khi ra trên hơn và là của có được với một các những này đó người để \
         từ đã đến cũng vào về tại hoặc nhưng bị sẽ đang rất nhiều nếu thì mà nào gì sao vì bởi cùng còn chỉ sau \
         trước giữa nhất mỗi mọi tôi bạn anh chị ông bà họ nó chúng ta",
    ),
    // bg
    (
        31,
        "на и да в или има за се е от с не като че по при тази си което му са това без който до може тези със \
         било ще те той която които само между под най във били им то този а ако няма би бил била го я ги тя ние \
         вие аз ти какво кой как къде кога защо онзи но още вече след преди над през",
    ),
];

/// Is it a stop word of the language of this number?
#[must_use]
pub fn is_stop_word(language: u8, word: &str) -> bool {
    let list = STOP_WORDS.iter().find(|(number, _)| *number == language);
    list.is_some_and(|(_, words)| words.split_ascii_whitespace().any(|known| known == word))
}
