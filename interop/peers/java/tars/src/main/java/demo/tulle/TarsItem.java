package demo.tulle;

import com.qq.tars.protocol.tars.annotation.TarsStruct;
import com.qq.tars.protocol.tars.annotation.TarsStructProperty;

/** A line of an order as the library wants it declared. */
@TarsStruct
public class TarsItem {
  @TarsStructProperty(order = 1, isRequire = true)
  private String sku = "";

  @TarsStructProperty(order = 2, isRequire = true)
  private int count = 0;

  static TarsItem of(Item item) {
    TarsItem it = new TarsItem();
    it.sku = item.getSku();
    it.count = item.getCount();
    return it;
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
}
