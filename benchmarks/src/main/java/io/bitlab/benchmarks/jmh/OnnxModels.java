package io.bitlab.benchmarks.jmh;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes the smallest ONNX models: one matrix product with constant weights. An ONNX file is a protocol buffer; the
 * field numbers below are those of {@code onnx.proto3}.
 */
final class OnnxModels {

    /** Rows of W that share a scale; W is padded to whole blocks. */
    static final int BLOCK = 128;

    private static final int FLOAT = 1;
    private static final int UINT8 = 2;
    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;

    private OnnxModels() {
    }

    /** {@code y = x · W} in float32: x [rows, in], W [in, out]. */
    static byte[] matMul(int rows, int in, int out, float[] weights) {
        Message node = new Message().text(1, "x").text(1, "w").text(2, "y").text(4, "MatMul");
        return model(node, rows, in, out, tensor("w", FLOAT, floats(weights), in, out));
    }

    /**
     * As above, with weights of 4 or 2 bits in blocks of 128 rows with a scale each, and activations rounded to int8.
     */
    static byte[] matMulNBits(int rows, int in, int out, int bits, byte[] packed, float[] scales) {
        Message node = new Message().text(1, "x").text(1, "w").text(1, "s").text(2, "y").text(4, "MatMulNBits")
                .text(7, "com.microsoft").message(5, attribute("K", in)).message(5, attribute("N", out))
                .message(5, attribute("bits", bits)).message(5, attribute("block_size", BLOCK))
                .message(5, attribute("accuracy_level", 4));
        int blocks = Math.ceilDiv(in, BLOCK);
        return model(node, rows, in, out, tensor("w", UINT8, packed, out, blocks, BLOCK * bits / 8),
                tensor("s", FLOAT, floats(scales), out * blocks));
    }

    private static byte[] model(Message node, int rows, int in, int out, Message... initializers) {
        Message graph = new Message().message(1, node).text(2, "product");
        for (Message initializer : initializers) {
            graph.message(5, initializer);
        }
        graph.message(11, value("x", rows, in)).message(12, value("y", rows, out));
        return new Message().number(1, IR_VERSION).message(7, graph)
                .message(8, new Message().text(1, "").number(2, OPSET))
                .message(8, new Message().text(1, "com.microsoft").number(2, 1)).bytes();
    }

    private static Message attribute(String name, int value) {
        return new Message().text(1, name).number(3, value).number(20, 2); // type 2 is INT
    }

    private static Message tensor(String name, int type, byte[] raw, int... shape) {
        Message tensor = new Message();
        for (int length : shape) {
            tensor.number(1, length);
        }
        return tensor.number(2, type).text(8, name).raw(9, raw);
    }

    private static Message value(String name, int... shape) {
        Message dimensions = new Message();
        for (int length : shape) {
            dimensions.message(1, new Message().number(1, length));
        }
        Message type = new Message().message(1, new Message().number(1, FLOAT).message(2, dimensions));
        return new Message().text(1, name).message(2, type);
    }

    private static byte[] floats(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    /** A protocol buffer message under construction. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            varint(field << 3);
            varint(value);
            return this;
        }

        Message raw(int field, byte[] value) {
            varint(field << 3 | 2);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        Message text(int field, String value) {
            return raw(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return raw(field, value.bytes());
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                out.write((int) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }
    }
}
