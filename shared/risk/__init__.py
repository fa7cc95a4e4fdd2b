"""How much investment risk a person is willing and able to bear, from a versioned questionnaire."""
