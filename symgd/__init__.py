"""symgd: prove, refute and derive statements about gradient descent."""
