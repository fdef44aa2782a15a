/** The node contract's image side, served to the engine. */
@NullMarked
package io.berth.image.node.web;

import org.jspecify.annotations.NullMarked;
