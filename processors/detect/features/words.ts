// Hot path
/** Words that mean something to detection, in groups; a word may be in several. Everything else is just a name. */
const GROUPS = {
  /** Words that begin a clause or a statement, and end an expression. */
  clause: `select from where having group order limit union except intersect minus into values set on using join inner left right
    cross natural straight_join window for procedure as then else when end case insert update delete replace by offset with returning
    partition lock drop create alter truncate`,
  /** Operators spelled as words, and what else may stand in an expression of nothing but literals. */
  operator: `and or xor not in like rlike regexp sounds between is div mod binary collate escape all any some exists interval distinct
    null true false dual as signed unsigned row default`,
  verb: `select insert update delete replace drop create alter truncate grant revoke call do handler execute prepare deallocate load show
    kill rename shutdown set with table values install uninstall change reset purge flush lock unlock begin start commit rollback
    use describe desc explain exec declare waitfor import analyze optimize repair check checksum stop clone xa savepoint release signal
    get help binlog cache end`,
  time: `sleep benchmark get_lock pg_sleep waitfor dbms_lock dbms_pipe master_pos_wait source_pos_wait master_gtid_wait
    wait_for_executed_gtid_set sleep_for user_lock`,
  error: `extractvalue updatexml gtid_subset gtid_subtract name_const st_latfromgeohash st_longfromgeohash st_pointfromgeohash
    json_keys uuid_to_bin polygon multipoint multilinestring multipolygon geometrycollection linestring exp pow cot`,
  /** What is asked of the server about itself. */
  info: `user current_user system_user session_user database schema version connection_id current_role`,
  /** Functions that look at a part of a text or at its length. */
  part: `ord ascii mid substr substring left right length char_length character_length octet_length bit_length hex conv bin oct
    substring_index locate instr position strcmp find_in_set lpad rpad bit_count regexp_substr regexp_instr insert reverse field
    json_length json_extract unicode`,
  /** Functions that put texts together. */
  join_text: `concat concat_ws group_concat json_arrayagg json_objectagg json_array json_object make_set elt export_set lpad rpad replace
    char chr unhex from_base64 repeat space string_agg listagg quote hex`,
  /** Functions of literals alone give a constant. */
  pure: `abs acos asin atan atan2 ceil ceiling cos cot crc32 degrees floor ln log log10 log2 md5 sha sha1 sha2 pi pow power radians rand round
    sign sin sqrt tan trim ltrim rtrim upper lower ucase lcase format if ifnull nullif coalesce greatest least isnull cast convert bin
    oct conv hex unhex ord ascii mid substr substring left right length char_length concat concat_ws elt make_set export_set field
    find_in_set instr locate lpad rpad repeat replace reverse space strcmp soundex bit_count interval quarter now curdate sysdate
    extractvalue updatexml gtid_subset gtid_subtract exp name_const sleep benchmark user version database schema current_user chr
    system_user session_user uuid uuid_short to_base64 from_base64 compress encode des_encrypt password old_password aes_encrypt
    json_keys uuid_to_bin vector_dim vec_fromtext st_latfromgeohash inet_aton inet_ntoa case when then else end
    current_role connection_id row_count last_insert_id insert`,
  /** Types and character sets, where they are named as such. */
  type: `char nchar varchar character charset set utf8mb4 utf8mb3 utf8 latin1 ascii binary signed unsigned decimal integer int date datetime
    time json double float real year`,
  before_type: `as using character set charset char nchar`,
  /** System catalogues, functions and statements of other database systems: none of them exists here. */
  foreign: `pg_sleep pg_user pg_shadow pg_database pg_class pg_read_file pg_ls_dir pg_authid generate_series dbms_pipe dbms_lock dbms_utility
    dbms_xmlgen dbms_assert dbms_ldap dbms_export_extension utl_inaddr utl_http utl_smtp utl_file ctxsys xmltype all_users all_tables
    all_tab_columns user_tables user_tab_columns dba_users sys_context sysobjects syscolumns sysusers sysdatabases syslogins xp_cmdshell
    xp_dirtree xp_regread xp_regwrite xp_fileexist sp_executesql sp_oacreate sp_password sp_makewebtask openrowset opendatasource waitfor
    is_srvrolemember rdb$database rdb$fields rdb$get_context sysibm syscat sqlite_master sqlite_version
    load_extension randomblob zeroblob domain.domains msysaccessobjects regexp_substring crypt_key sysmaster systables quote_ident
    current_database current_setting lo_import lo_export query_to_xml database_to_xml xmlagg bfilename httpuritype ora_hash
    varchar2 nvarchar2 msysobjects xp_servicecontrol hashbytes fn_varbintohexstr numtodsinterval sysvstrings currentusername
    sysconstraints fn_sqlvarbasetostr`,
} as const;

type Group = keyof typeof GROUPS;

/** Further words that detectors ask for one by one. */
const OTHERS = `package view change outfile dumpfile infile data local global session persist persist_only event trigger function view user role definer soname
  plugin component server engine connection master replication source slave replica instance tables read identified password account
  require none ssl x509 privileges super file process reload admin option proxy to temporary if schema database databases columns
  fields full keys index grants processlist variables status logs binary immediate recursive analyse before unbounded ignore
  low_priority quick delayed high_priority or_replace security invoker sql_no_cache information_schema performance_schema mysql sys
  load_file sys_exec sys_eval sys_get sys_set sys_bineval lib_mysqludf_sys_info aes_encrypt des_encrypt encode encrypt to_base64 md5
  sha1 sha2 compress count rand floor found_rows last_insert_id row_count identity scope_identity authentication_string off
  utf8mb4 ascii unicode character national nchar every schedule starts at duplicate key query via authentication grant revoke
  unlock undo value cascade restrict hosts general relay gtid binlog convert using no lines`;

const GROUP_NAMES = Object.keys(GROUPS) as Group[];

function split(words: string): string[] {
  return words.split(/\s+/).filter(Boolean);
}

/** Every word of the groups; its id is its place, from 1. */
const ALL: readonly string[] = [
  ...new Set([...GROUP_NAMES.flatMap((group) => split(GROUPS[group])), ...split(OTHERS)]),
];

/** Bit of each group in `WORD_GROUPS`. */
export const G: Readonly<Record<Group, number>> = Object.fromEntries(
  GROUP_NAMES.map((group, bit) => [group, 1 << bit]),
) as Record<Group, number>;

/** Groups of a word, by its id. */
export const WORD_GROUPS = new Int32Array(ALL.length + 1);
const IDS: ReadonlyMap<string, number> = new Map(ALL.map((word, index) => [word, index + 1]));
for (const group of GROUP_NAMES) for (const word of split(GROUPS[group])) WORD_GROUPS[IDS.get(word)!]! |= G[group];

/** Ids end below this; codes of other tokens begin here. */
export const FIRST_FREE_CODE = ALL.length + 1;

/** The id of a word of the groups. @throws Error for any other: a bug. */
export function id(word: string): number {
  const found = IDS.get(word);
  if (found === undefined) throw new Error(`${word} is no word of the features`);
  return found;
}

/** Ids of several words. */
export function ids(words: string): ReadonlySet<number> {
  return new Set(split(words).map(id));
}

const TABLE_SIZE = 4096;
const table = new Int16Array(TABLE_SIZE);
const bytesOf: readonly Uint8Array[] = [new Uint8Array(0), ...ALL.map((word) => Uint8Array.from(Buffer.from(word)))];
const LONGEST = Math.max(...ALL.map((word) => word.length));
for (let word = 1; word < bytesOf.length; word++) {
  const bytes = bytesOf[word]!;
  let place = placeOf(bytes, 0, bytes.length);
  while (table[place] !== 0) place = (place + 1) & (TABLE_SIZE - 1);
  table[place] = word;
}

/** Id of the word `bytes[start, end)` in any case; 0 where it is only a name. */
export function wordId(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length > LONGEST) return 0;
  for (let place = placeOf(bytes, start, end); ; place = (place + 1) & (TABLE_SIZE - 1)) {
    const word = table[place]!;
    if (word === 0) return 0;
    const known = bytesOf[word]!;
    if (known.length !== length) continue;
    let i = 0;
    while (i < length && known[i] === lower(bytes[start + i]!)) i++;
    if (i === length) return word;
  }
}

function placeOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ lower(bytes[at]!), 0x01000193);
  return (hash ^ (hash >>> 13)) & (TABLE_SIZE - 1);
}

function lower(c: number): number {
  return c >= 0x41 && c <= 0x5a ? c | 0x20 : c;
}
