package dev.tulle.interop.sofa;

/** The service, as both sides and both languages know it. */
public interface Basket {
  String echo(String text);

  int plus(int a, int b);

  /** Sends back what it is given. */
  byte[] data(byte[] data);

  /** Always fails. */
  String fail(String why);

  /** Takes so long. */
  String sleep(int ms);

  /** Called one-way. */
  void note(String text);

  int noted();
}
