/** A file under a name by which it is read as what `templatefile` makes of it, and by nobody else. */
export const isTemplate = /\.(?:tftpl|tf\.tmpl|tpl)$/;
