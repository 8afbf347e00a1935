/**
 * Words whose case does not matter: the reserved and statement-leading words of MySQL 8.4 and MariaDB 11.4, and names of
 * common built-in functions. Part of the digest's definition: adding a word here changes digests.
 */
const KEYWORDS = `
accessible account action add admin after against aggregate algorithm all alter always analyze and any as asc asensitive at
auto_increment autoextend_size avg backup before begin between bigint binary binlog bit blob block body bool boolean both btree by byte
cache call cascade cascaded case cast chain change changed channel char character charset check checksum cipher class client clone close
coalesce code collate collation column columns comment commit committed compact component compressed compression concurrent condition
connection consistent constraint contains continue convert cpu create cross cube cume_dist current current_date current_time
current_timestamp current_user cursor cycle data database databases date datetime day day_hour day_microsecond day_minute day_second
deallocate dec decimal declare default definer delay_key_write delayed delete delimiter dense_rank desc describe deterministic directory
disable discard disk distinct distinctrow div do double drop dual dumpfile duplicate dynamic each else elseif elsif empty enable enclosed
encryption end ends enforced engine engines enum error errors escape escaped event events every except exchange exclude execute exists exit
expansion expire explain export extended extract failed_login_attempts false fast fetch fields file first first_value fixed float float4
float8 flush following follows for force foreign format found from full fulltext function general generated geometry get global goto grant
grants group group_concat grouping groups handler hash having help high_priority histogram history host hosts hour hour_microsecond
hour_minute hour_second identified if ifnull ignore ignore_server_ids immediate import in inactive index indexes infile initial_size inner
inout insensitive insert insert_method install instance int int1 int2 int3 int4 int8 integer intersect interval into invisible invoker io
io_after_gtids io_before_gtids io_thread is isolation issuer iterate join json json_table key key_block_size keys kill lag last last_value
lateral lead leading leave leaves left less level like limit linear lines linestring list load local localtime localtimestamp lock locked
locks logfile logs long longblob longtext loop low_priority master master_bind master_host master_log_file master_log_pos master_password
master_port master_server_id master_ssl_verify_server_cert master_user match max max_queries_per_hour max_rows max_user_connections maxvalue
medium mediumblob mediumint mediumtext member memory merge microsecond middleint migrate min min_rows minute minute_microsecond
minute_second mod mode modifies modify month mutex names national natural nchar never new next no no_wait no_write_to_binlog nodegroup none
not now nowait nth_value ntile null nullif nulls number numeric nvarchar of off offset oj old on one online only open optimize optimizer_costs
option optional optionally options or order ordinality organization others out outer outfile over overlaps owner pack_keys page parser
partial partition partitioning partitions password path percent percent_rank period persist persist_only persistent plugin plugins point
polygon position precedes preceding precision prepare preserve prev primary privileges procedure process processlist profile profiles proxy
purge quarter query quick raise range rank raw read read_only read_write reads real rebuild recover recursive redundant ref_system_id
references regexp relay relay_log_file relay_log_pos relaylog release reload remove rename reorganize repair repeat repeatable replace
replica replicas replicate replication require reset resignal resource respect restart restore restrict resume retain return returned
returning returns reuse reverse revoke right rlike role rollback rollup rotate routine row row_count row_format row_number rows rtree
savepoint schedule schema schemas second second_microsecond secondary security select sensitive separator sequence serial serializable
server servers session session_user set share show shutdown signal signed simple skip slave slaves slow smallint snapshot socket some soname
sounds source source_host source_password source_port source_user spatial specific sql sql_after_gtids sql_before_gtids sql_big_result
sql_buffer_result sql_cache sql_calc_found_rows sql_no_cache sql_small_result sql_thread sqlexception sqlstate sqlwarning ssl stacked start
starting starts stats_auto_recalc stats_persistent stats_sample_pages status stddev stop storage stored straight_join string subdate subject
subpartition substr substring sum super suspend swaps switches sysdate system system_user table tables tablespace temporary temptable
terminated text than then ties time timediff timestamp timestampadd timestampdiff tinyblob tinyint tinytext to trailing transaction trigger
triggers trim true truncate type types unbounded uncommitted undo undofile unicode uninstall union unique unknown unlock unsigned until
update upgrade usage use user user_resources using utc_date utc_time utc_timestamp validation value values var_pop var_samp varbinary varchar
varcharacter variables variance varying via view virtual visible wait warnings week weight_string when where while window with without work
wrapper write x509 xa xid xml xor year year_month yes zerofill zone
abs acos adddate addtime aes_decrypt aes_encrypt ascii asin atan atan2 avg benchmark bin bin_to_uuid bit_and bit_count bit_length bit_or
bit_xor ceil ceiling char_length character_length concat concat_ws connection_id conv convert_tz cos cot count crc32 curdate curtime
date_add date_format date_sub datediff dayname dayofmonth dayofweek dayofyear decode degrees elt exp export_set extractvalue field
find_in_set floor found_rows from_base64 from_days from_unixtime get_lock greatest hex inet6_aton inet_aton inet_ntoa instr is_free_lock
isnull json_array json_arrayagg json_contains json_extract json_object json_objectagg json_set json_unquote last_day last_insert_id lcase
least length ln load_file locate log log10 log2 lower lpad ltrim make_set makedate maketime master_pos_wait md5 mid name_const oct octet_length
old_password ord period_add period_diff pi pow power quote radians rand regexp_like regexp_replace release_lock round rpad rtrim sec_to_time
sha sha1 sha2 sign sin sleep soundex space sqrt std stddev_pop stddev_samp str_to_date strcmp substring_index subtime tan time_format
time_to_sec to_base64 to_days ucase unhex unix_timestamp updatexml upper uuid uuid_short uuid_to_bin version weekday weekofyear yearweek
`;

const WORDS: ReadonlySet<string> = new Set(KEYWORDS.split(/\s+/).filter((word) => word !== ''));

/** @param word In lower case. */
export function isKeyword(word: string): boolean {
  return WORDS.has(word);
}

/** Each of them, in lower case. */
export function keywords(): Iterable<string> {
  return WORDS;
}
