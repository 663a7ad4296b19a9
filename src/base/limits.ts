// Every ceiling, unit last in its name.

export const NAME_CHARS_MAX = 200;
export const ID_BYTES_MAX = 1024;
export const TEXT_BYTES_MAX = 1_048_576;
export const TITLE_BYTES_MAX = 1024;
export const MESSAGE_BYTES_MAX = 65_536;
export const META_BYTES_MAX = 65_536;
export const META_DEPTH_MAX = 32;
export const QUERY_BYTES_MAX = 65_536;
/** Of one query. */
export const CLAUSES_MAX = 256;
/** Quoted phrases that are read in one text; later quotes are ordinary characters. */
export const PHRASES_MAX = 32;
/** Words of a query that may stand for many: mistyped ones and beginnings. Further ones are taken as they are. */
export const EXPANDED_WORDS_MAX = 32;
export const SNIPPET_CHARS_MAX = 240;
export const FACET_KEYS_MAX = 32;
export const FACET_VALUES_MAX = 10_000;
export const SORT_KEYS_MAX = 8;
export const SUGGESTIONS_MAX = 100;
export const HITS_MAX = 10_000;
/** Of `searchBatch` over documents: queries, and hits with their texts of all of them together. */
export const QUERIES_PER_BATCH_MAX = 1024;
export const HITS_PER_BATCH_MAX = 131_072;
/** Of all queries of one batch over a collection together: the answer has room for so many ids. */
export const BATCH_HITS_MAX = 4_194_304;
/** Hits that are each unlike those before: their cost grows with the square. */
export const DIVERSE_HITS_MAX = 200;
/** Hits of a collection that those are chosen from: so many for each that is wanted, and no fewer. */
export const DIVERSE_POOL_EACH = 4;
export const DIVERSE_POOL_MIN = 50;
export const FILTER_NODES_MAX = 256;
export const FILTER_DEPTH_MAX = 16;
export const FILTER_LIST_MAX = 10_000;
export const DIMS_MAX = 8192;

/** Documents travel to the worker in batches of about this many characters: small enough to never block the page. */
export const BATCH_CHARS = 65_536;
export const BATCH_DOCS = 64;
export const ITEMS_PER_BATCH = 256;

/** A write larger than this goes to segments first and its WAL frame names them (D12). */
export const STAGE_BYTES_MAX = 4_194_304;
/** Each further piece of it is so large: a search looks every term up in every segment. */
export const STAGE_BYTES_LATER_MAX = 33_554_432;
/** The memtable is flushed to segments at this size, or at this many WAL frames. */
export const MEMTABLE_BYTES_MAX = 8_388_608;
export const WAL_FRAMES_MAX = 512;
/** And when the log is larger than this and than this share of the segments. */
export const WAL_BYTES_MIN = 131_072;
export const WAL_BYTES_SHARE = 0.1;
/** Open archive segments are closed again above this. */
export const ARCHIVE_BYTES_MAX = 67_108_864;

/** Stored values below this are sealed or padded: from here on browsers keep a value as a file, which goes when deleted. */
export const BLOB_BYTES_MIN = 65_536;
/** Segments are cut into values of this size. */
export const TEXT_FRAME_BYTES = 1_048_576;
export const VECTOR_FRAME_BYTES = 4_194_304;
/** And those of collections, if they are large, into files of this size, where they can be had. */
export const FILE_BYTES = 16_777_216;
/** Of a file this is read to tell what it is: room for the header of a piece and its directory. */
export const FILE_HEAD_BYTES = 512;
/** A vector segment of a collection from this size on lies in files, and is opened without its full-precision rows. */
export const PAGED_BYTES_MIN = 4_194_304;
/** Items from this size on lie in files: those are read in half the time. */
export const ITEM_FILE_BYTES_MIN = 1_048_576;
/** Rows that nobody waits for are read in pieces of this size: each holds up what is asked meanwhile. */
export const FILL_BYTES = 2_097_152;
/** The only collection of a database is read at its opening, if that takes no more than this share of the budget. */
export const AHEAD_SHARE = 0.25;
/** What an open database may hold of collections, unless an option says otherwise. */
export const MEMORY_BUDGET_BYTES = 268_435_456;
/** Vectors that were dropped and computed again are forgotten above this. */
export const REVIVED_BYTES_MAX = 67_108_864;

/** Vectors in one graph: collections with more are several segments. */
export const GRAPH_ROWS_MAX = 131_072;
/** From so many vectors on a graph is worth building; fewer are scanned, exactly. */
export const GRAPH_ROWS_MIN = 20_000;
export const EF_MAX = 10_000;
/** Of each item of a collection. */
export const NEIGHBOURS_MAX = 1000;
/** Of a collection's items, and how often their centroids move. */
export const CLUSTERS_MAX = 1024;
export const ITERATIONS_MAX = 300;
/** Items that recall is measured on. */
export const RECALL_QUERIES_MAX = 1000;
/** Rows of vectors in the GPU's memory. */
export const GPU_BYTES_MAX = 1_073_741_824;
