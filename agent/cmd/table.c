// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * table.c - aligned columns, however long the addresses in them.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

struct cell {
	char *text;
	enum cli_style style;
};

/*
 * cells holds for each row one cell a column, and one more: the note, a line
 * below the row that no column bounds.
 */
struct table {
	const char * const *col;
	unsigned int n_col;
	struct cell *cell;
	size_t n, room;
	bool failed;
};

/**
 * table_new() - begin a table
 * @col: heads of the columns, which must outlive the table; a '>' before a
 *	head aligns its column to the right
 * @n: how many
 *
 * Return: the table, or NULL without memory, which the others here take.
 */
struct table *table_new(const char * const *col, unsigned int n)
{
	struct table *t = calloc(1, sizeof(*t));

	if (t) {
		t->col = col;
		t->n_col = n;
	}
	return t;
}

static struct cell *new_cell(struct table *t)
{
	size_t room = t->room ? 2 * t->room : 128;
	struct cell *cell;

	if (t->n == t->room) {
		cell = reallocarray(t->cell, room, sizeof(*cell));
		if (!cell) {
			t->failed = true;
			return NULL;
		}
		t->cell = cell;
		t->room = room;
	}
	cell = &t->cell[t->n++];
	memset(cell, 0, sizeof(*cell));
	return cell;
}

static void set_text(struct table *t, struct cell *cell, const char *fmt,
		     va_list ap)
{
	if (!cell)
		return;
	free(cell->text);
	if (vasprintf(&cell->text, fmt, ap) < 0) {
		cell->text = NULL;
		t->failed = true;
	}
}

/**
 * table_add() - add a cell; the one after the last column begins a new row
 * @t: table
 * @fmt: its text
 */
void table_add(struct table *t, const char *fmt, ...)
{
	va_list ap;

	if (!t || t->failed)
		return;
	va_start(ap, fmt);
	set_text(t, new_cell(t), fmt, ap);
	va_end(ap);
	/* the row is complete: make room for its note */
	if (t->n % (t->n_col + 1) == t->n_col)
		new_cell(t);
}

/* the last cell, its note not counted */
static struct cell *last_cell(struct table *t)
{
	if (!t || t->failed || !t->n)
		return NULL;
	if (t->n % (t->n_col + 1) == 0)
		return &t->cell[t->n - 2];
	return &t->cell[t->n - 1];
}

/**
 * table_style() - give the last cell a style
 * @t: table
 * @style: which
 */
void table_style(struct table *t, enum cli_style style)
{
	struct cell *cell = last_cell(t);

	if (cell)
		cell->style = style;
}

/**
 * table_note() - put a line below the row that was just completed
 * @t: table
 * @fmt: its text
 */
void table_note(struct table *t, const char *fmt, ...)
{
	va_list ap;

	if (!t || t->failed || !t->n)
		return;
	va_start(ap, fmt);
	set_text(t, &t->cell[t->n - 1], fmt, ap);
	va_end(ap);
}

static bool is_right(const struct table *t, unsigned int i)
{
	return t->col[i][0] == '>';
}

static const char *head(const struct table *t, unsigned int i)
{
	return t->col[i] + is_right(t, i);
}

static void measure(const struct table *t, size_t *width)
{
	size_t row, i, rows = t->n / (t->n_col + 1);

	for (i = 0; i < t->n_col; i++)
		width[i] = strlen(head(t, i));
	for (row = 0; row < rows; row++)
		for (i = 0; i < t->n_col; i++) {
			const struct cell *cell =
				&t->cell[row * (t->n_col + 1) + i];
			size_t n = text_columns(cell->text);

			if (n > width[i])
				width[i] = n;
		}
}

static void print_cell(const struct cli *c, const char *text, size_t width,
		       bool right, bool last, enum cli_style style)
{
	int pad = (int)(width - text_columns(text));

	fprintf(c->out, "%*s%s%s%s", right ? pad : 0, "",
		cli_style(c, style), text, cli_style_end(c, style));
	if (!last)
		fprintf(c->out, "%*s", (right ? 0 : pad) + 2, "");
}

static void print_row(const struct cli *c, const struct table *t, size_t row,
		      const size_t *width, unsigned int indent)
{
	const struct cell *cell = &t->cell[row * (t->n_col + 1)];
	unsigned int i;

	fprintf(c->out, "%*s", (int)indent, "");
	for (i = 0; i < t->n_col; i++)
		print_cell(c, cell[i].text, width[i], is_right(t, i),
			   i == t->n_col - 1, cell[i].style);
	fputc('\n', c->out);
	if (cell[i].text)
		fprintf(c->out, "%*s%s%s%s\n", (int)indent + 2, "",
			cli_style(c, STYLE_DIM), cell[i].text,
			cli_style_end(c, STYLE_DIM));
}

/**
 * table_print() - print a table
 * @c: the run
 * @t: table
 * @indent: columns before each line
 *
 * Return: CLI_OK, or CLI_REFUSED when memory has run out.
 */
int table_print(const struct cli *c, struct table *t, unsigned int indent)
{
	size_t row, rows, *width;
	unsigned int i;

	width = t ? calloc(t->n_col, sizeof(*width)) : NULL;
	if (!width || t->failed) {
		free(width);
		return cli_fail(c, CLI_REFUSED, "out of memory");
	}
	rows = t->n / (t->n_col + 1);
	measure(t, width);
	fprintf(c->out, "%*s", (int)indent, "");
	for (i = 0; i < t->n_col; i++)
		print_cell(c, head(t, i), width[i], is_right(t, i),
			   i == t->n_col - 1, STYLE_HEAD);
	fputc('\n', c->out);
	for (row = 0; row < rows; row++)
		print_row(c, t, row, width, indent);
	free(width);
	return CLI_OK;
}

/**
 * table_free() - end a table
 * @t: table, may be NULL
 */
void table_free(struct table *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < t->n; i++)
		free(t->cell[i].text);
	free(t->cell);
	free(t);
}
