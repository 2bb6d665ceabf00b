/** Where a service is that was started without saying where. */
export const defaultAddress = 'https://127.0.0.1:7443';
