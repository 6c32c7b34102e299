// SPDX-License-Identifier: Apache-2.0
// Runs Kafka's command-line tools one after the other in one JVM, because each start of a JVM costs a second. Each line of stdin
// is a JSON array, a class and its arguments; each line of stdout is {exit, printed}, where printed is what went to both outputs.

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.common.utils.Exit;
import org.slf4j.LoggerFactory;

public class Tools {
    private static final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private static Map<String, Object> answer;

    public static void main(String[] arguments) throws Exception {
        // The log takes the stderr that it finds first: not one that a tool's output is caught in.
        LoggerFactory.getLogger(Tools.class).debug("begins");
        Exit.setExitProcedure((code, message) -> {
            end(code);
            throw new ThreadDeath();
        });
        PrintStream answers = System.out;
        PrintStream output = new PrintStream(printed, true);
        System.setOut(output);
        System.setErr(output);
        ObjectMapper json = new ObjectMapper();
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] command = json.readValue(line, String[].class);
            answer = null;
            printed.reset();
            run(command[0], Arrays.copyOfRange(command, 1, command.length));
            end(0);
            answers.println(json.writeValueAsString(answer));
        }
    }

    private static void run(String tool, String[] arguments) throws Exception {
        try {
            Class.forName(tool).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException end) {
            end.getCause().printStackTrace();
            end(1);
        }
    }

    // The first end counts: a tool may catch its own exit, complain, and exit once more.
    private static void end(int exit) {
        if (answer == null) {
            answer = Map.of("exit", exit, "printed", printed.toString());
        }
    }
}
