"""How good the labels of each person are: hidden tests, agreement, pace."""
