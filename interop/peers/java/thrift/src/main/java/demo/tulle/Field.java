package demo.tulle;

import org.apache.thrift.TFieldIdEnum;

/**
 * A field of a structure.
 *
 * @param type of {@link org.apache.thrift.protocol.TType}
 * @param inner of the structure that it is, or that it is a list of; else null
 */
record Field(int id, String name, byte type, Shape inner) implements TFieldIdEnum {
  @Override
  public short getThriftFieldId() {
    return (short) id;
  }

  @Override
  public String getFieldName() {
    return name;
  }
}
