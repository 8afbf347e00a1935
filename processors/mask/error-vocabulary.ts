/** Words of MySQL's and MariaDB's own messages. Anything else in a message may be a value and is not shown. */
const WORDS: ReadonlySet<string> = new Set(
  `
a able aborted accepts access accesses action active add adding additional after again aggregate algorithm alias all allowed
already also alter ambiguous an and anonymous another any application applies are argument arguments array as assign
associated at attribute authentication auto autocommit automatic away back backup bad base based be because been before
being big bigger bigint bin binary binlog bit blob block blocked body both branch buffer built bulk busy but by byte bytes
cache caching calculation call can cannot case cast change changed changes changing character characters check checksum
child clause clauses client close closed code collation collations column columns combination command comment commit
committed communication compiled complete completion component compressed concurrent condition configuration configured
conflict conflicting conflicts connect connecting connection connections consider consistency consistent constant constraint
constructor consult contain contains context convert converted converting copy correct corrupt corrupted could couldn count
counter counts crashed create created creating creation creators current currently cursor data database datatype date
datetime db ddl deadlock debug decimal declaration declared default define defined definer definition definitions delayed
delete deleted denied dependent deprecated depth derived description detected determines differ different differently digit
direct directory disabled disallowed discard discarded division do doc does doesn domain don done double drop dropped
dropping due dump duplicate duplicates duration during dynamic each either elements empty enable enabled encountered end
enforce engine engines enough entry equal errno error errors even event events every examine exceeded exceeds exception
exchange execute executed executing execution exist existing exists expected expired explain explicitly expression
expressions failed fails failure family fatal fetch field fields file files find first fix flag flush for forbidden force
foreign format found frame from fts full fulltext function functionally functions future generate generated geometry get gis
given global gone got grant greater group gtid gtids handler happens has hash have having header heartbeat here historical
history holding host i id identifier if ignore ignored illegal implicit import impossible in include included incompatible
incomplete inconsistency incorrect increasing increment index indexes info information initialize initializing innodb inout
input insert inserted inside instead instruction int integer integers internal interrupted interval into invalid invoker
involved io is isn isolation it item its join json key keys killed label large last later lead least length less level
library like limit limited line list load loaded lock locked locks log logged logging logs long longer lost malformed manual
many mariadb mariadbd marked master match matched matching materialized max maximum maxvalue may means memory merge message
messages metadata might mismatch missing mix mixed mixing mode modified modify more multi multiple must myisam myrocks mysql
name native need needed needs net never new next no non nonaggregated not now null number numbers numeric object occurred of
off ok old on once one ongoing only open operation operations option options or order other out outside overflow override
overrun owner packet packets parallel parameter parameters parent parse parser parsing part partition partitioned
partitioning partitions parts password passwords past path pending performance performed period please plugin point points
pos position possible precise predicted prepared present preserve prevents previous primary priv privilege privileges
probably procedure procedures proceed progress protocol provided proxy purge purged query range re reached read reading
reads reason rebuild received recommended record records recreate recursion recursive reference referenced references
referring refused registry relay release reload remove removed rename renamed reorganize repair repeatable replace replaced
replicate replicated replication repository requested require required requires reset resignal restart restarting result
retrieved retry return returns revoke rocksdb role rollback rolled routine row rows run running safe same savepoint
scheduler schema seconds secure see select selected selects self separator sequence server session set setting sha shared
should show shutdown signal signed since single size skip skipped skipping slave snapshot so socket some sort source spatial
specific specification specifications specified specify sql sqlstate ssl stack stage start started starts state statement
statements status step stmt stop stopped storage stored strict string structure subpartition subpartitioned subpartitions
subqueries subquery subroutine such super support supported supports switch sync syntax system table tables tablespace
target task temporary terminated text than that the their them there these they this thread threads time timeout timestamp
to too total transaction transactional transactions tried trigger triggers truncated trust try trying twice two type types
unable unacceptable unblock uncompress uncompressed undefined underlying undo unexpected unhandled uninitialized unique
unknown unsafe unsigned unsupported until up updatable update updated updates upgrade usage use used user users uses using
uuid valid value values variable verification version versioned versioning view violated wait want warnings was well were
what when where which while will window with within without work worker working would write writing written wrong xa xaer
xid xpath year yes yet you your zero zlib
corresponds right near yes no
`.split(/\s+/),
);

/** Whether every part of a word (`max_allowed_packet`) belongs to the servers' vocabulary, in any case. */
export function isServerWord(word: string): boolean {
  return word
    .toLowerCase()
    .split('_')
    .every((part) => WORDS.has(part));
}
