"""mysql-connector-python (pure): text and prepared statements, query attributes, session commands; `compress` as argument."""
import os, mysql.connector, sys

def connect(**more):
    return mysql.connector.connect(host=os.environ["DB_HOST"], port=int(os.environ["DB_PORT"]), user="app", password="app-pass",
                                   database="shop", ssl_disabled=True, use_pure=True, allow_local_infile=True,
                                   compress="compress" in sys.argv, **more)

def attempt(work):
    try:
        work()
    except mysql.connector.Error:
        pass

db = connect()
c = db.cursor()
for i in range(100):
    c.execute("SELECT %s, %s, %s", (i, "text 'with' quotes", None))
    c.fetchall()
attempt(lambda: c.execute("SELECT * FROM missing"))
c.callproc("several", (3, 0))
c.execute("LOAD DATA LOCAL INFILE '%s' INTO TABLE lines_in (line)" % sys.argv[1])
c.close()

p = db.cursor(prepared=True)
for i in range(100):
    p.execute("SELECT name, price FROM items WHERE id = ? OR name = ?", (i, f"pen {i}"))
    p.fetchall()
p.execute("INSERT INTO items (name, price, amount) VALUES (?, ?, ?)", ("prepared \u00e9", 1.5, 12345678901))
attempt(lambda: p.execute("SELECT * FROM missing WHERE id = ?", (1,)))
p.close()

if "attributes" in sys.argv:
    q = db.cursor()
    q.add_attribute("trace", "abc-123")
    q.add_attribute("attempt", 2)
    q.execute("SELECT 'with attributes'")
    q.fetchall()
    q.close()
    db.cmd_ping()
attempt(lambda: db.cmd_statistics())
attempt(lambda: db.cmd_change_user("second", "second-pass", "shop"))
c = db.cursor()
c.execute("SELECT CURRENT_USER()")
c.fetchall()
attempt(lambda: db.cmd_reset_connection())
attempt(lambda: db.cmd_init_db("shop"))
attempt(lambda: db.cmd_process_info())
c.execute("SELECT LENGTH('" + "y" * (17 * 1024 * 1024) + "')")
c.fetchall()
c.close()
db.close()
