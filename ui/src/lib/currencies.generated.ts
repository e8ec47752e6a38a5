/** Written by `make schemas` from the contracts and `fields.toml`; not by hand. */
export const CURRENCIES: readonly string[] = ['AED', 'AUD', 'BRL', 'CAD', 'CHF', 'CNY', 'CZK', 'DKK', 'EUR', 'GBP', 'HKD', 'HUF', 'INR', 'JPY', 'KRW', 'MXN', 'NOK', 'NZD', 'PLN', 'SEK', 'SGD', 'THB', 'TRY', 'TWD', 'USD', 'ZAR'];
