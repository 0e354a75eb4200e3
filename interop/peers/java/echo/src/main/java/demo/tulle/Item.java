package demo.tulle;

import java.io.Serializable;
import java.util.Objects;

/** A line of an order. */
public class Item implements Serializable {
  private static final long serialVersionUID = 1;

  private String sku;
  private int count;

  public Item() {}

  public Item(String sku, int count) {
    this.sku = sku;
    this.count = count;
  }

  public String getSku() {
    return sku;
  }

  public void setSku(String sku) {
    this.sku = sku;
  }

  public int getCount() {
    return count;
  }

  public void setCount(int count) {
    this.count = count;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Item && toString().equals(other.toString());
  }

  @Override
  public int hashCode() {
    return Objects.hash(sku, count);
  }

  @Override
  public String toString() {
    return count + " × " + sku;
  }
}
