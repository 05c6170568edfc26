"""Registration of companies: form, reviews of district and city, activation, and those who join later."""
