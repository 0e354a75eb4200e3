package demo.tulle;

/** The service, as every peer in Java knows it. */
public interface Echo {
  String echo(String text);

  Order nested(Order order);

  /** Always fails, with this message. */
  String fail(String why);

  /** Always null. */
  String nothing();

  /** Counted; clients call it one-way. */
  void fire(String text);

  /** How often {@link #fire} was called since the server began. */
  int fired();

  String sleep(int ms);
}
