package main

import (
	"fmt"

	"tulle.dev/peers/echo"
)

// toMap writes an order as the simple serialization has it, which cannot write a null within a map.
func toMap(order echo.Order) map[string]interface{} {
	items := make([]interface{}, len(order.Items))
	for i, item := range order.Items {
		items[i] = map[string]interface{}{"sku": item.Sku, "count": item.Count}
	}
	whole := map[string]interface{}{"id": order.ID, "items": items}
	if order.Note != nil {
		whole["note"] = *order.Note
	}
	return whole
}

func fromMap(whole map[interface{}]interface{}) echo.Order {
	order := echo.Order{ID: fmt.Sprint(whole["id"])}
	items, _ := whole["items"].([]interface{})
	for _, each := range items {
		item, _ := each.(map[interface{}]interface{})
		count, _ := item["count"].(int32)
		order.Items = append(order.Items, echo.Item{Sku: fmt.Sprint(item["sku"]), Count: count})
	}
	if note, ok := whole["note"].(string); ok {
		order.Note = &note
	}
	return order
}
