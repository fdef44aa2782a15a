/** The kernel's interface in numbers: calls and constants that stand in no file of the machine, each once. */
@NullMarked
package io.berth.linux.abi;

import org.jspecify.annotations.NullMarked;
