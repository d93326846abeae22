Console.WriteLine("umwelt");
return 0;
