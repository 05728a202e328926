package record

// IDOf returns the id under which a record is answered, even one that Decode refuses since it is of a newer version or
// damaged: its id where that can be read, else the first 16 bytes of its hash. Both ends name a record that only one
// of them can read the same way.
func IDOf(raw []byte) ID {
	var head struct {
		ID ID `cbor:"3,keyasint"`
	}
	if len(raw) <= MaxSize && lenient.Unmarshal(raw, &head) == nil && !head.ID.IsZero() {
		return head.ID
	}
	hash := HashOf(raw)
	return ID(hash[:len(ID{})])
}

// ChainOf returns the chain that a record names, without reading the rest; the zero chain where it cannot be read.
func ChainOf(raw []byte) ChainID {
	var head struct {
		Chain ChainID `cbor:"5,keyasint"`
	}
	if lenient.Unmarshal(raw, &head) != nil {
		return ChainID{}
	}
	return head.Chain
}
