/** Random input for parsers: what a hostile or broken peer might send. */
@NullMarked
package io.berth.fuzz;

import org.jspecify.annotations.NullMarked;
