// Search in other languages: an inflected question finds its text first, the stemmers come when they are needed, and the
// same texts rank the same whatever else the store holds or held.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Question } from '../../src/retrieve/plan.ts';
import type { Ask } from '../../src/retrieve/search.ts';
import { Database } from '../kit/database.ts';
import { startEngine } from '../kit/engine.ts';
import { Disk } from '../kit/memory-store.ts';

/** Language, a question, the text that answers it, and texts that do not. */
const SAMPLES: readonly (readonly [string, string, string, ...string[]])[] = [
  [
    'de',
    'Vulkane ausgebrochen',
    'Der Ausbruch des Vulkans hat die Stadt und die Dörfer in der Nähe mit Asche bedeckt.',
    'Die Bäckerei in der Straße verkauft am Morgen frisches Brot und auch Kuchen.',
    'Der Zug nach Hamburg fährt heute nicht, weil die Strecke gesperrt ist.',
  ],
  [
    'fr',
    'les volcans actifs',
    'Le volcan de cette île est actif depuis des siècles et il fume presque toujours.',
    'La boulangerie de la rue vend du pain frais et des gâteaux tous les matins.',
    'Le train pour Lyon ne part pas aujourd’hui, car la voie est fermée.',
  ],
  [
    'es',
    'volcanes activos',
    'El volcán de la isla está activo desde hace siglos y no deja de echar humo.',
    'La panadería de la calle vende pan fresco y pasteles por la mañana.',
    'El tren para Sevilla no sale hoy porque la vía está cerrada.',
  ],
  [
    'it',
    'vulcani attivi',
    'Il vulcano che si trova sull’isola è attivo da secoli e fuma quasi sempre.',
    'Il panificio della via vende il pane fresco e i dolci ogni mattina.',
    'Il treno per Milano oggi non parte perché la linea è chiusa.',
  ],
  [
    'pt',
    'vulcões ativos',
    'O vulcão da ilha está ativo há séculos e não para de lançar fumo.',
    'A padaria da rua vende pão fresco e bolos pela manhã.',
    'O comboio para o Porto não parte hoje porque a linha está fechada.',
  ],
  [
    'nl',
    'actieve vulkanen',
    'De vulkaan op het eiland is al eeuwen actief en er komt bijna altijd rook uit.',
    'De bakker in de straat verkoopt elke ochtend vers brood en ook taarten.',
    'De trein naar Utrecht rijdt vandaag niet, want het spoor is dicht.',
  ],
  [
    'ro',
    'vulcanii activi',
    'Vulcanul de pe insulă este activ de secole și scoate fum aproape mereu.',
    'Brutăria de pe stradă vinde pâine proaspătă și prăjituri în fiecare dimineață.',
    'Trenul spre Cluj nu pleacă astăzi pentru că linia este închisă.',
  ],
  [
    'ru',
    'действующие вулканы',
    'На этом острове есть действующий вулкан, который дымит уже много веков.',
    'Пекарня на нашей улице каждое утро продаёт свежий хлеб и пироги.',
    'Поезд в Казань сегодня не идёт, потому что путь закрыт.',
  ],
  [
    'uk',
    'великі вулкани',
    'На цьому острові є великий вулкан, який димить уже багато століть.',
    'Пекарня на нашій вулиці щоранку продає свіжий хліб і пироги.',
    'Потяг до Львова сьогодні не їде, тому що колія закрита.',
  ],
  [
    'bg',
    'вулканите',
    'На този остров има вулкан, който дими от много векове.',
    'Пекарната на нашата улица продава пресен хляб и сладкиши всяка сутрин.',
    'Влакът за Варна днес не тръгва, защото линията е затворена.',
  ],
  [
    'pl',
    'wulkany wyspy',
    'Ten wulkan na wyspie jest czynny od wieków i prawie zawsze się z niego dymi.',
    'Piekarnia przy tej ulicy sprzedaje rano świeży chleb oraz ciasta.',
    'Pociąg do Krakowa dziś nie jedzie, ponieważ tor jest zamknięty.',
  ],
  [
    'cs',
    'ostrovy sopkami',
    'Na tomto ostrově je sopka, která je činná již po staletí a stále se z ní kouří.',
    'Pekárna v naší ulici prodává ráno čerstvý chléb a také koláče.',
    'Vlak do Brna dnes nejede, protože je trať uzavřena.',
  ],
  [
    'tr',
    'eski kitaplar',
    'Bu evdeki eski kitap için çok para verildi ve sonra müzeye konuldu.',
    'Sokaktaki fırın her sabah taze ekmek ve pasta satıyor.',
    'Ankara treni bugün kalkmıyor çünkü hat kapalı ve bir arıza var.',
  ],
  [
    'sv',
    'aktiva vulkaner',
    'Vulkanen på ön är aktiv sedan flera sekler och det ryker nästan alltid ur den.',
    'Bageriet på gatan säljer färskt bröd och kakor varje morgon.',
    'Tåget till Lund går inte i dag eftersom banan är stängd.',
  ],
  [
    'da',
    'aktive vulkaner',
    'Vulkanen på øen er aktiv og har været det i flere hundrede år, og der kommer røg.',
    'Bageriet i gaden sælger friskt brød og kager hver morgen.',
    'Toget til Aarhus kører ikke i dag, fordi banen er lukket.',
  ],
  [
    'fi',
    'tulivuoret',
    'Tämän saaren tulivuori on ollut jo vuosisatoja toiminnassa ja se savuaa aina.',
    'Leipomo myy joka aamu tuoretta leipää ja kakkuja, ja se on auki.',
    'Juna ei lähde tänään, koska rata on suljettu ja se korjataan.',
  ],
  [
    'hu',
    'évszázadokon szigeteken',
    'Ezeken a szigeteken van egy vulkán, amely évszázadok óta működik, és mindig füstöl.',
    'A pékség az utcában minden reggel friss kenyeret és süteményt árul.',
    'A vonat ma nem indul el, mert a pálya le van zárva.',
  ],
  [
    'el',
    'ηφαιστείων',
    'Το ηφαίστειο του νησιού είναι ενεργό εδώ και αιώνες και βγάζει καπνό.',
    'Ο φούρνος της γειτονιάς πουλάει φρέσκο ψωμί και γλυκά κάθε πρωί.',
    'Το τρένο για την Πάτρα δεν φεύγει σήμερα γιατί η γραμμή είναι κλειστή.',
  ],
  [
    'id',
    'letusannya',
    'Gunung itu sudah meletus dan letusan tersebut menutup kota dengan abu yang tebal.',
    'Toko roti di jalan ini menjual roti segar dan kue untuk sarapan.',
    'Kereta ke Bandung tidak berangkat hari ini karena jalur itu ditutup.',
  ],
  [
    'vi',
    'núi lửa',
    'Ngọn núi lửa trên hòn đảo này đã hoạt động từ nhiều thế kỷ và luôn bốc khói.',
    'Tiệm bánh ở trên phố bán bánh mì mới và bánh ngọt vào mỗi buổi sáng.',
    'Chuyến tàu đi Huế hôm nay không chạy vì đường đã bị đóng.',
  ],
  [
    'ar',
    'بركان',
    'هذا البركان الذي في الجزيرة نشط منذ قرون ويخرج منه الدخان دائما.',
    'المخبز الذي في الشارع يبيع الخبز الطازج والحلوى في كل صباح.',
    'القطار إلى الإسكندرية لا يغادر اليوم لأن الطريق مغلق.',
  ],
  [
    'fa',
    'آتشفشان‌ها',
    'این آتشفشان که در جزیره است از قرن‌ها پیش فعال است و همیشه دود می‌کند.',
    'نانوایی که در خیابان است هر روز صبح نان تازه و شیرینی می‌فروشد.',
    'قطار شیراز امروز حرکت نمی‌کند برای آن که راه بسته است.',
  ],
  [
    'hi',
    'ज्वालामुखियों',
    'इस द्वीप का ज्वालामुखी सदियों से सक्रिय है और उससे हमेशा धुआँ निकलता है।',
    'गली की दुकान में हर सुबह ताज़ी रोटी और मिठाई मिलती है।',
    'जयपुर की गाड़ी आज नहीं चलेगी क्योंकि रास्ता बंद है।',
  ],
  [
    'zh',
    '火山喷发',
    '这座岛上的火山几百年来一直活动，昨天又喷发了。',
    '街上的面包店每天早上卖新鲜的面包和蛋糕。',
    '去上海的火车今天不开，因为线路关闭了。',
  ],
  [
    'ja',
    '火山の噴火',
    'この島の火山は何百年も活動していて、昨日また噴火した。',
    '通りのパン屋は毎朝焼きたてのパンとケーキを売っている。',
    '大阪行きの電車は線路が閉まっているので今日は走らない。',
  ],
  [
    'ko',
    '화산',
    '이 섬의 화산은 수백 년 동안 활동해 왔으며 어제 다시 폭발했다.',
    '거리의 빵집은 매일 아침 신선한 빵과 케이크를 판다.',
    '부산행 기차는 선로가 닫혀서 오늘 운행하지 않는다.',
  ],
  [
    'th',
    'ภูเขาไฟระเบิด',
    'ภูเขาไฟบนเกาะนี้คุกรุ่นมาหลายศตวรรษและเมื่อวานก็ระเบิดอีกครั้ง',
    'ร้านขนมปังบนถนนขายขนมปังสดและเค้กทุกเช้า',
    'รถไฟไปเชียงใหม่วันนี้ไม่ออกเพราะทางปิด',
  ],
  [
    'he',
    'הר געש',
    'הר הגעש שבאי פעיל כבר מאות שנים, ואתמול התפרץ הר געש נוסף.',
    'המאפייה ברחוב מוכרת לחם טרי ועוגות בכל בוקר.',
    'הרכבת לחיפה אינה יוצאת היום כי המסילה סגורה.',
  ],
];

beforeAll(startEngine);

const docs = SAMPLES.flatMap(([language, , ...texts]) => texts.map((text, i) => ({ id: `${language}-${i}`, text })));
const ask = async (db: Database, question: string): Promise<string[]> =>
  (await db.search(question, { mode: 'lexical', k: 5 })).map(({ id, score }) => `${id} ${score}`);

it('a stop word of one language is found in texts of the others', async () => {
  const db = await Database.open(new Disk());
  await db.put([
    { id: 'en', text: 'The war memorial in the park commemorates soldiers who fought for their country.' },
  ]);
  const german = (n: number) =>
    `Das Haus und die Frau sind in der Stadt, und das ist nicht so schlecht für alle, Nummer ${n}.`;
  await db.put([1, 2, 3].map((n) => ({ id: `de${n}`, text: german(n) })));
  for (const query of ['war', '"war"', 'the war', { must: 'war' }])
    expect((await db.search(query, { mode: 'lexical' })).map(({ id }) => id)).toEqual(['en']);
  expect(await db.search({ should: 'memorial', not: 'war' }, { mode: 'lexical' })).toEqual([]);
});

describe('search in other languages', () => {
  it.each(SAMPLES.map(([language, question]) => [language, question]))(
    '%s: an inflected question finds its text first, among texts of its language and of all',
    async (language, question) => {
      const alone = await Database.open(new Disk());
      await alone.put(docs.filter(({ id }) => id.startsWith(`${language}-`)));
      expect((await ask(alone, question))[0]).toMatch(`${language}-0 `);
      const all = await Database.open(new Disk());
      await all.put(docs);
      expect((await ask(all, question)).join()).toContain(`${language}-0 `);
    },
  );

  it('ranks the same after a reopening, a flush, and beside texts that were deleted again', async () => {
    const disk = new Disk();
    const db = await Database.open(disk);
    await db.put(docs);
    const fresh = await Promise.all(SAMPLES.map(([, question]) => ask(db, question)));
    await db.put([{ id: 'more', text: 'Dieser Text ist nur für kurze Zeit da, und dann wird er wieder gelöscht.' }]);
    await db.delete('more');
    const later = await Database.open(disk);
    expect(await Promise.all(SAMPLES.map(([, question]) => ask(later, question)))).toEqual(fresh);
    await later.flush();
    const flushed = await Database.open(disk);
    expect(await Promise.all(SAMPLES.map(([, question]) => ask(flushed, question)))).toEqual(fresh);
  });
});

describe('one sign of a script without spaces', () => {
  const texts = [
    ['end', '我很喜欢猫。'],
    ['start', '猫不喜欢鱼。'],
    ['alone', '猫'],
    ['other', '狗不喜欢鱼。'],
    ['thai', 'ภูเขาไฟบนเกาะนี้คุกรุ่น'],
  ] as const;
  const found = async (query: Question, ask: Ask = {}): Promise<string[]> => {
    const db = await Database.open(new Disk());
    await db.put(texts.slice(0, 2).map(([id, text]) => ({ id, text })));
    await db.flush();
    await db.put(texts.slice(2).map(([id, text]) => ({ id, text })));
    const hits = await db.search(query, { mode: 'lexical', ...ask });
    expect(hits.every(({ highlights }) => highlights.length > 0)).toBe(true);
    return hits.map(({ id }) => id);
  };

  it('is found wherever it stands, alone first', async () => {
    const all = ['alone', 'end', 'start'];
    const asked: Question[] = ['猫', '"猫"', { must: '猫' }, { should: { prefix: '猫' } }];
    for (const question of asked) {
      const ids = await found(question);
      expect([ids[0], [...ids].sort()], JSON.stringify(question)).toEqual(['alone', all]);
    }
    expect([...(await found('猫', { prefix: true }))].sort()).toEqual(all);
    expect(await found({ text: '喜欢', not: '猫' })).toEqual(['other']);
    expect([...(await found('鱼'))].sort()).toEqual(['other', 'start']);
    expect([await found('ไฟ'), await found('ก'), await found('龍')]).toEqual([['thai'], ['thai'], []]);
  });
});
