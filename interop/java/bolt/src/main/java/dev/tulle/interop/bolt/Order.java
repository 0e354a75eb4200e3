package dev.tulle.interop.bolt;

import java.io.Serializable;

/** What is sent and sent back. */
public class Order implements Serializable {
  private static final long serialVersionUID = 1;

  public String wish;
  public byte[] data;

  public Order() {}

  /** @param wish what the server is to do: {@code echo}, {@code fail}, {@code sleep} or {@code count}. */
  public Order(String wish, byte[] data) {
    this.wish = wish;
    this.data = data;
  }
}
