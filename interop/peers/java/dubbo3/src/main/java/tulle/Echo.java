package tulle;

/** The service of echo.proto, as Dubbo takes it: an interface whose messages are protobuf's. */
public interface Echo {
  Text echo(Text text);

  Order nested(Order order);

  Text fail(Text why);

  Text nothing(Nothing nothing);

  Nothing fire(Text text);

  tulle.Number fired(Nothing nothing);

  Text sleep(tulle.Number ms);
}
