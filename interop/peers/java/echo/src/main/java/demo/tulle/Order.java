package demo.tulle;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/** What is sent and sent back. */
public class Order implements Serializable {
  private static final long serialVersionUID = 1;

  private String id;
  private List<Item> items;
  private String note;

  public Order() {}

  /** @param note may be null. */
  public Order(String id, List<Item> items, String note) {
    this.id = id;
    this.items = items;
    this.note = note;
  }

  public String getId() {
    return id;
  }

  public void setId(String id) {
    this.id = id;
  }

  public List<Item> getItems() {
    return items;
  }

  public void setItems(List<Item> items) {
    this.items = items;
  }

  public String getNote() {
    return note;
  }

  public void setNote(String note) {
    this.note = note;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Order && toString().equals(other.toString());
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, items, note);
  }

  @Override
  public String toString() {
    return "order " + id + " " + items + " " + note;
  }
}
