package demo.tulle;

import java.util.ArrayList;
import java.util.List;

/** Orders as messages and back. */
final class Messages {
  private Messages() {}

  static tulle.Order of(Order order) {
    tulle.Order.Builder message = tulle.Order.newBuilder().setId(order.getId());
    for (Item item : order.getItems())
      message.addItems(tulle.Item.newBuilder().setSku(item.getSku()).setCount(item.getCount()));
    if (order.getNote() != null) message.setNote(order.getNote());
    return message.build();
  }

  static Order plain(tulle.Order message) {
    List<Item> items = new ArrayList<>();
    for (tulle.Item item : message.getItemsList()) items.add(new Item(item.getSku(), item.getCount()));
    return new Order(message.getId(), items, message.hasNote() ? message.getNote() : null);
  }
}
