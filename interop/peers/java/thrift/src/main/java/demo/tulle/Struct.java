package demo.tulle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.thrift.TBase;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TList;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolUtil;
import org.apache.thrift.protocol.TStruct;
import org.apache.thrift.protocol.TType;

/** A structure that reads and writes itself by its shape, where generated code would have a class for each. */
final class Struct implements TBase<Struct, Field> {
  private final Shape shape;
  private final Map<Integer, Object> values = new HashMap<>();

  Struct(Shape shape) {
    this.shape = shape;
  }

  /** The value of a field: a string, an int, a structure or a list of them; null when it is not there. */
  @SuppressWarnings("unchecked")
  <T> T get(int id) {
    return (T) values.get(id);
  }

  /** Sets a field; null takes it away. */
  Struct with(int id, Object value) {
    if (value == null) values.remove(id);
    else values.put(id, value);
    return this;
  }

  @Override
  public void read(TProtocol in) throws TException {
    in.readStructBegin();
    for (TField each = in.readFieldBegin(); each.type != TType.STOP; each = in.readFieldBegin()) {
      Field field = shape.field(each.id);
      if (field == null || field.type() != each.type) TProtocolUtil.skip(in, each.type);
      else values.put((int) each.id, readValue(in, field));
      in.readFieldEnd();
    }
    in.readStructEnd();
  }

  private static Object readValue(TProtocol in, Field field) throws TException {
    if (field.type() == TType.STRING) return in.readString();
    if (field.type() == TType.I32) return in.readI32();
    if (field.type() == TType.STRUCT) return readStruct(in, field.inner());
    TList about = in.readListBegin();
    List<Struct> list = new ArrayList<>();
    for (int i = 0; i < about.size; i++) list.add(readStruct(in, field.inner()));
    in.readListEnd();
    return list;
  }

  private static Struct readStruct(TProtocol in, Shape shape) throws TException {
    Struct struct = new Struct(shape);
    struct.read(in);
    return struct;
  }

  @Override
  public void write(TProtocol out) throws TException {
    out.writeStructBegin(new TStruct(""));
    for (Field field : shape.fields()) {
      Object value = values.get(field.id());
      if (value == null) continue;
      out.writeFieldBegin(new TField(field.name(), field.type(), (short) field.id()));
      writeValue(out, value);
      out.writeFieldEnd();
    }
    out.writeFieldStop();
    out.writeStructEnd();
  }

  private static void writeValue(TProtocol out, Object value) throws TException {
    if (value instanceof String text) out.writeString(text);
    else if (value instanceof Integer number) out.writeI32(number);
    else if (value instanceof Struct struct) struct.write(out);
    else {
      List<?> list = (List<?>) value;
      out.writeListBegin(new TList(TType.STRUCT, list.size()));
      for (Object each : list) ((Struct) each).write(out);
      out.writeListEnd();
    }
  }

  @Override
  public Field fieldForId(int id) {
    return shape.field(id);
  }

  @Override
  public boolean isSet(Field field) {
    return values.containsKey(field.id());
  }

  @Override
  public Object getFieldValue(Field field) {
    return values.get(field.id());
  }

  @Override
  public void setFieldValue(Field field, Object value) {
    with(field.id(), value);
  }

  @Override
  public Struct deepCopy() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void clear() {
    values.clear();
  }

  @Override
  public int compareTo(Struct other) {
    throw new UnsupportedOperationException();
  }
}
