// The service, for the protocols of Thrift. Nothing is generated from it, as the compiler is not everywhere: every
// Thrift library of the peers is told of these structures in its own way, by these numbers.
namespace * tulle

struct Item {
  1: string sku
  2: i32 count
}

struct Order {
  1: string id
  2: list<Item> items
  3: optional string note
}

exception Failure {
  1: string why
}

service Echo {
  string echo(1: string text)
  Order nested(1: Order order)
  // Always fails, with this message.
  string fail(1: string why) throws (1: Failure failure)
  oneway void fire(1: string text)
  i32 fired()
  string sleep(1: i32 ms)
}
