package demo.tulle;

import com.qq.tars.protocol.tars.annotation.TarsStruct;
import com.qq.tars.protocol.tars.annotation.TarsStructProperty;
import java.util.ArrayList;
import java.util.List;

/** An order as the library wants it declared. */
@TarsStruct
public class TarsOrder {
  @TarsStructProperty(order = 1, isRequire = true)
  private String id = "";

  @TarsStructProperty(order = 2, isRequire = true)
  private List<TarsItem> items = new ArrayList<>();

  @TarsStructProperty(order = 3)
  private String note = null;

  static TarsOrder of(Order order) {
    TarsOrder it = new TarsOrder();
    it.id = order.getId();
    for (Item each : order.getItems()) it.items.add(TarsItem.of(each));
    it.note = order.getNote();
    return it;
  }

  Order order() {
    List<Item> list = new ArrayList<>();
    for (TarsItem each : items) list.add(new Item(each.getSku(), each.getCount()));
    return new Order(id, list, note);
  }

  public String getId() {
    return id;
  }

  public void setId(String id) {
    this.id = id;
  }

  public List<TarsItem> getItems() {
    return items;
  }

  public void setItems(List<TarsItem> items) {
    this.items = items;
  }

  public String getNote() {
    return note;
  }

  public void setNote(String note) {
    this.note = note;
  }
}
