"""PyMySQL: text protocol only. Every kind of statement and command it can send."""
import os, pymysql, sys
from pymysql.constants import CLIENT

def connect(**more):
    return pymysql.connect(host=os.environ["DB_HOST"], port=int(os.environ["DB_PORT"]), user="app", password="app-pass",
                           database="shop", ssl_disabled=True, autocommit=True, **more)

def attempt(cursor, sql, arguments=None):
    try:
        cursor.execute(sql, arguments)
        cursor.fetchall()
    except pymysql.MySQLError:
        pass

db = connect(local_infile=True, client_flag=CLIENT.MULTI_STATEMENTS)
c = db.cursor()
c.execute("SELECT %s, %s, %s", (1, "it's \"quoted\" \\ ünïcödé", None))
c.executemany("INSERT INTO items (name, price) VALUES (%s, %s)", [(f"pen {i}", i + 0.25) for i in range(50)])
for i in range(200):
    c.execute("SELECT name FROM items WHERE id = %s", (i,))
c.execute("SELECT 1; SELECT 'a;b' ; /* third */ SELECT 3;")
while c.nextset():
    pass
attempt(c, "SELECT 1; SELECT * FROM missing; SELECT 2")
while True:
    try:
        if not c.nextset():
            break
    except pymysql.MySQLError:
        break
attempt(c, "SELEC nonsense")
attempt(c, "SELECT * FROM missing")
attempt(c, "INSERT INTO items (id) VALUES (1)")
attempt(c, "SELECT CAST('abc' AS SIGNED), 1/0")
c.execute("SHOW WARNINGS")
c.callproc("several", (7, 0))
while c.nextset():
    pass
c.execute("LOAD DATA LOCAL INFILE %s INTO TABLE lines_in (line)", (sys.argv[1],))
attempt(c, "LOAD DATA LOCAL INFILE '/does/not/exist' INTO TABLE lines_in (line)")
db = connect(client_flag=CLIENT.MULTI_STATEMENTS)
c = db.cursor()
c.execute("SELECT LENGTH(%s)", ("x" * (17 * 1024 * 1024),))
db.ping()
db.select_db("shop")
attempt(c, "USE mysql_does_not_exist")
db.begin()
c.execute("UPDATE items SET price = price + 1 WHERE id < 5")
db.rollback()
db.set_character_set("latin1")
c.execute("SELECT 'caf\u00e9'")
streaming = db.cursor(pymysql.cursors.SSCursor)
streaming.execute("SELECT a.id, b.name FROM items a, items b")
streaming.fetchall()
db.close()
attempt(connect().cursor(), "SELECT 1 -- the connection is dropped, not closed")
try:
    connect(charset="utf8mb4", init_command="SELECT 'emoji \U0001F600'").close()
    pymysql.connect(host=os.environ["DB_HOST"], port=int(os.environ["DB_PORT"]), user="app", password="wrong", ssl_disabled=True)
except pymysql.MySQLError:
    pass
