package demo.tulle;

import java.util.List;
import org.apache.thrift.protocol.TType;

/** The fields of a structure of echo.thrift, of its arguments or of its results. */
record Shape(List<Field> fields) {
  static final Shape ITEM = of(text(1, "sku"), number(2, "count"));
  static final Shape ORDER =
      of(text(1, "id"), new Field(2, "items", TType.LIST, ITEM), text(3, "note"));
  static final Shape FAILURE = of(text(1, "why"));

  static final Shape NOTHING = of();
  static final Shape TEXT = of(text(1, "text"));
  static final Shape NUMBER = of(number(1, "ms"));
  static final Shape ORDER_ARGUMENT = of(new Field(1, "order", TType.STRUCT, ORDER));

  static final Shape TEXT_RESULT = of(text(0, "success"));
  static final Shape NUMBER_RESULT = of(number(0, "success"));
  static final Shape ORDER_RESULT = of(new Field(0, "success", TType.STRUCT, ORDER));
  static final Shape FAIL_RESULT =
      of(text(0, "success"), new Field(1, "failure", TType.STRUCT, FAILURE));

  /** The field of this number; null when there is none. */
  Field field(int id) {
    for (Field field : fields) if (field.id() == id) return field;
    return null;
  }

  private static Shape of(Field... fields) {
    return new Shape(List.of(fields));
  }

  private static Field text(int id, String name) {
    return new Field(id, name, TType.STRING, null);
  }

  private static Field number(int id, String name) {
    return new Field(id, name, TType.I32, null);
  }
}
