package main

import (
	"context"
	"reflect"
	"strconv"
	"strings"

	"github.com/apache/thrift/lib/go/thrift"
)

// structure is a pointer to a structure of idl, which is read and written by its tags.
type structure struct{ value interface{} }

func (s structure) Write(ctx context.Context, out thrift.TProtocol) error {
	if err := out.WriteStructBegin(ctx, ""); err != nil {
		return err
	}
	of := reflect.ValueOf(s.value).Elem()
	for i := 0; i < of.NumField(); i++ {
		if value := of.Field(i); value.Kind() != reflect.Ptr || !value.IsNil() {
			if err := writeField(ctx, out, idOf(of.Type().Field(i)), value); err != nil {
				return err
			}
		}
	}
	if err := out.WriteFieldStop(ctx); err != nil {
		return err
	}
	return out.WriteStructEnd(ctx)
}

func writeField(ctx context.Context, out thrift.TProtocol, id int16, value reflect.Value) error {
	if err := out.WriteFieldBegin(ctx, "", typeOf(value.Type()), id); err != nil {
		return err
	}
	if err := writeValue(ctx, out, value); err != nil {
		return err
	}
	return out.WriteFieldEnd(ctx)
}

func writeValue(ctx context.Context, out thrift.TProtocol, value reflect.Value) error {
	switch typeOf(value.Type()) {
	case thrift.STRING:
		return out.WriteString(ctx, reflect.Indirect(value).String())
	case thrift.I32:
		return out.WriteI32(ctx, int32(reflect.Indirect(value).Int()))
	case thrift.STRUCT:
		return structure{value.Interface()}.Write(ctx, out)
	}
	if err := out.WriteListBegin(ctx, typeOf(value.Type().Elem()), value.Len()); err != nil {
		return err
	}
	for i := 0; i < value.Len(); i++ {
		if err := writeValue(ctx, out, value.Index(i)); err != nil {
			return err
		}
	}
	return out.WriteListEnd(ctx)
}

func (s structure) Read(ctx context.Context, in thrift.TProtocol) error {
	if _, err := in.ReadStructBegin(ctx); err != nil {
		return err
	}
	of := reflect.ValueOf(s.value).Elem()
	for {
		_, kind, id, err := in.ReadFieldBegin(ctx)
		if err != nil {
			return err
		}
		if kind == thrift.STOP {
			return in.ReadStructEnd(ctx)
		}
		if field := fieldOf(of, id); field.IsValid() && typeOf(field.Type()) == kind {
			err = readValue(ctx, in, field)
		} else {
			err = in.Skip(ctx, kind)
		}
		if err == nil {
			err = in.ReadFieldEnd(ctx)
		}
		if err != nil {
			return err
		}
	}
}

func readValue(ctx context.Context, in thrift.TProtocol, into reflect.Value) error {
	if into.Kind() == reflect.Slice {
		return readList(ctx, in, into)
	}
	if into.Kind() == reflect.Ptr {
		into.Set(reflect.New(into.Type().Elem()))
		if into.Elem().Kind() == reflect.Struct {
			return structure{into.Interface()}.Read(ctx, in)
		}
		into = into.Elem()
	}
	if into.Kind() == reflect.String {
		text, err := in.ReadString(ctx)
		into.SetString(text)
		return err
	}
	number, err := in.ReadI32(ctx)
	into.SetInt(int64(number))
	return err
}

func readList(ctx context.Context, in thrift.TProtocol, into reflect.Value) error {
	_, size, err := in.ReadListBegin(ctx)
	if err != nil {
		return err
	}
	for i := 0; i < size; i++ {
		item := reflect.New(into.Type().Elem()).Elem()
		if err := readValue(ctx, in, item); err != nil {
			return err
		}
		into.Set(reflect.Append(into, item))
	}
	return in.ReadListEnd(ctx)
}

func fieldOf(of reflect.Value, id int16) reflect.Value {
	for i := 0; i < of.NumField(); i++ {
		if idOf(of.Type().Field(i)) == id {
			return of.Field(i)
		}
	}
	return reflect.Value{}
}

// idOf reads the number that a field's tag begins with.
func idOf(field reflect.StructField) int16 {
	number, _, _ := strings.Cut(field.Tag.Get("frugal"), ",")
	id, err := strconv.ParseInt(number, 10, 16)
	if err != nil {
		panic(err)
	}
	return int16(id)
}

func typeOf(kind reflect.Type) thrift.TType {
	if kind.Kind() == reflect.Ptr {
		kind = kind.Elem()
	}
	switch kind.Kind() {
	case reflect.String:
		return thrift.STRING
	case reflect.Int32:
		return thrift.I32
	case reflect.Slice:
		return thrift.LIST
	}
	return thrift.STRUCT
}
