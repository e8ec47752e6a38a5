/** The few words that the widget needs before the page is fetched: from the catalogues, put in when it is built. */
export type WidgetTexts = Record<'open' | 'title' | 'close' | 'loading' | 'refused' | 'failed', string>;

declare const __WIDGET_TEXTS__: Record<string, WidgetTexts>;

export const TEXTS: Record<string, WidgetTexts> = __WIDGET_TEXTS__;
