package demo.tulle;

import org.apache.thrift.TException;
import org.apache.thrift.transport.TTransportException;

/** The service as Thrift calls it. */
final class ThriftClient implements Client, Echo {
  private final Connections connections;

  ThriftClient(Connections connections) {
    this.connections = connections;
  }

  @Override
  public Echo echo() {
    return this;
  }

  @Override
  public boolean isTimeout(Throwable error) {
    return error.getCause() instanceof TTransportException thrift
        && thrift.getType() == TTransportException.TIMED_OUT;
  }

  @Override
  public String cannot(String name) {
    return name.equals("null") ? "Thrift has no null result" : null;
  }

  @Override
  public String echo(String text) {
    return call("echo", new Struct(Shape.TEXT).with(1, text), Shape.TEXT_RESULT).get(0);
  }

  @Override
  public Order nested(Order order) {
    Struct arguments = new Struct(Shape.ORDER_ARGUMENT).with(1, Orders.toStruct(order));
    return Orders.fromStruct(call("nested", arguments, Shape.ORDER_RESULT).get(0));
  }

  @Override
  public String fail(String why) {
    Struct result = call("fail", new Struct(Shape.TEXT).with(1, why), Shape.FAIL_RESULT);
    Struct failure = result.get(1);
    if (failure != null) throw new IllegalStateException(failure.<String>get(1));
    return result.get(0);
  }

  @Override
  public String nothing() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void fire(String text) {
    call("fire", new Struct(Shape.TEXT).with(1, text), null);
  }

  @Override
  public int fired() {
    return call("fired", new Struct(Shape.NOTHING), Shape.NUMBER_RESULT).<Integer>get(0);
  }

  @Override
  public String sleep(int ms) {
    Struct arguments = new Struct(Shape.NUMBER).with(1, ms);
    return call("sleep", arguments, Shape.TEXT_RESULT, Cases.SHORT_MS).get(0);
  }

  private Struct call(String method, Struct arguments, Shape result) {
    return call(method, arguments, result, Cases.LONG_MS);
  }

  private Struct call(String method, Struct arguments, Shape result, int timeoutMs) {
    try {
      return connections.call(method, arguments, result, timeoutMs);
    } catch (TException error) {
      throw new IllegalStateException(error);
    }
  }
}
