"""The drill (D15): the closed loop as a rehearsal, through the API, with every figure measured."""
