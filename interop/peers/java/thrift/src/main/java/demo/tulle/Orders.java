package demo.tulle;

import java.util.ArrayList;
import java.util.List;

/** Orders as structures. */
final class Orders {
  private Orders() {}

  static Struct toStruct(Order order) {
    List<Struct> items = new ArrayList<>();
    for (Item item : order.getItems())
      items.add(new Struct(Shape.ITEM).with(1, item.getSku()).with(2, item.getCount()));
    return new Struct(Shape.ORDER).with(1, order.getId()).with(2, items).with(3, order.getNote());
  }

  static Order fromStruct(Struct struct) {
    List<Item> items = new ArrayList<>();
    for (Struct item : struct.<List<Struct>>get(2)) items.add(new Item(item.get(1), item.get(2)));
    return new Order(struct.get(1), items, struct.get(3));
  }
}
