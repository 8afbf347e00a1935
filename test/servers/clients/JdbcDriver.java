import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;

/** Any JDBC driver: its URL, and the file for LOAD DATA LOCAL (empty: none), as arguments. */
public class JdbcDriver {
  public static void main(String[] arguments) throws Exception {
    try (Connection db = DriverManager.getConnection(arguments[0], "app", "app-pass")) {
      texts(db, arguments[1]);
      prepared(db);
      batches(db);
      procedure(db);
      db.setCatalog("shop");
      db.isValid(5);
      cursor(db);
      try (Statement statement = db.createStatement()) {
        drain(statement, "SELECT LENGTH('" + "j".repeat(17 * 1024 * 1024) + "')");
      }
    }
  }

  static void drain(Statement statement, String sql) {
    try {
      boolean isResult = statement.execute(sql);
      while (isResult || statement.getUpdateCount() != -1) {
        if (isResult) {
          try (ResultSet rows = statement.getResultSet()) {
            while (rows.next()) rows.getString(1);
          }
        }
        isResult = statement.getMoreResults();
      }
    } catch (SQLException expected) {
      // Statements with errors are part of the traffic.
    }
  }

  static void texts(Connection db, String file) throws SQLException {
    try (Statement statement = db.createStatement()) {
      drain(statement, "SELECT 'a?b', \"it's\", 1 /* ? */");
      drain(statement, "SELECT * FROM missing");
      drain(statement, "SELECT 1; SELECT 'two'; SELECT 3");
      if (!file.isEmpty()) drain(statement, "LOAD DATA LOCAL INFILE '" + file + "' INTO TABLE lines_in (line)");
      drain(statement, "SELECT 1/0, CAST('x' AS SIGNED)");
    }
  }

  static void prepared(Connection db) throws SQLException {
    String sql = "INSERT INTO items (name, note, price, made, day, span, ratio, amount, data) VALUES (?,?,?,?,?,?,?,?,?)";
    try (PreparedStatement insert = db.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS)) {
      for (int i = 0; i < 30; i++) {
        insert.setString(1, "java " + i + " 'quoted' \\ \u00e9");
        insert.setString(2, i % 2 == 0 ? null : "note");
        insert.setBigDecimal(3, new java.math.BigDecimal("1234.5600"));
        insert.setTimestamp(4, Timestamp.valueOf("2024-02-29 23:59:58.123456"));
        insert.setDate(5, java.sql.Date.valueOf("2024-01-02"));
        insert.setTime(6, java.sql.Time.valueOf("12:34:56"));
        insert.setDouble(7, 0.1);
        insert.setLong(8, 9_007_199_254_740_993L);
        insert.setBytes(9, "bytes".getBytes());
        insert.executeUpdate();
      }
      InputStream stream = new ByteArrayInputStream("streamed bytes".repeat(2000).getBytes());
      insert.setBinaryStream(9, stream);
      insert.executeUpdate();
    }
    try (PreparedStatement select = db.prepareStatement("SELECT name FROM items WHERE id = ? AND name <> '?'")) {
      for (int i = 0; i < 50; i++) {
        select.setInt(1, i);
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) rows.getString(1);
        }
      }
    }
    try (PreparedStatement wrong = db.prepareStatement("SELECT * FROM missing WHERE id = ?")) {
      wrong.setInt(1, 1);
      wrong.executeQuery();
    } catch (SQLException expected) {
      // As above.
    }
  }

  static void batches(Connection db) throws SQLException {
    db.setAutoCommit(false);
    try (PreparedStatement insert = db.prepareStatement("INSERT INTO items (name, price) VALUES (?, ?)")) {
      for (int i = 0; i < 40; i++) {
        insert.setString(1, "batch " + i);
        insert.setInt(2, i);
        insert.addBatch();
      }
      insert.executeBatch();
    }
    try (Statement statement = db.createStatement()) {
      for (int i = 0; i < 20; i++) statement.addBatch("UPDATE items SET price = " + i + " WHERE id = " + i);
      statement.executeBatch();
    }
    db.commit();
    db.setAutoCommit(true);
  }

  static void procedure(Connection db) throws SQLException {
    try (CallableStatement call = db.prepareCall("{call several(?, ?)}")) {
      call.setInt(1, 11);
      call.registerOutParameter(2, Types.INTEGER);
      boolean isResult = call.execute();
      while (isResult || call.getUpdateCount() != -1) isResult = call.getMoreResults();
      call.getInt(2);
    }
  }

  static void cursor(Connection db) throws SQLException {
    String sql = "SELECT a.id, b.name FROM items a, items b WHERE a.id > ? LIMIT 500";
    try (PreparedStatement select = db.prepareStatement(sql, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
      select.setFetchSize(50);
      select.setInt(1, 0);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) rows.getString(2);
      }
    }
  }
}
